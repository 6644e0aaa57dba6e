import type { FindingKind } from "#contracts/vocabulary";
import { unsettledStatuses } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { AlertFacts } from "./alert-rules.ts";
import { showConsumers } from "./consumers.ts";
import { showQueues } from "./queues.ts";
import { readObserved } from "./read-observed.ts";

/** What the alert rules look at: the newest samples and the tables. */
export async function readAlertFacts(): Promise<AlertFacts> {
  const [observed, letters, moneyAtRisk, stuck] = await Promise.all([
    readObserved(),
    readLetters(),
    readMoneyAtRisk(),
    readStuck(),
  ]);
  const { known, outbox } = observed;
  const { groups } = showConsumers(observed);
  const { families } = showQueues(observed);
  return { at: new Date(), known, groups, families, outbox, letters, moneyAtRisk, stuck };
}

const waiting = [...unsettledStatuses];

const readLetters = () =>
  db.rows<AlertFacts["letters"][number]>(sql`
    SELECT source, count(*) AS letters, round(extract(epoch FROM now() - min(died_at)) * 1000)::bigint AS "oldestMs"
      FROM dead_letters WHERE status = ANY(${waiting}::text[]) GROUP BY source ORDER BY source`);

const readMoneyAtRisk = () =>
  db.rows<AlertFacts["moneyAtRisk"][number]>(sql`
    SELECT o.currency, sum(o.total_cents)::bigint AS cents
      FROM (SELECT DISTINCT order_id FROM dead_letters WHERE status = ANY(${waiting}::text[])) l
      JOIN orders o ON o.id = l.order_id AND NOT o.is_test
     GROUP BY o.currency ORDER BY o.currency`);

const readStuck = () =>
  db.rows<AlertFacts["stuck"][number] & { kind: FindingKind }>(sql`
    SELECT kind, count(DISTINCT order_id) AS orders, round(extract(epoch FROM now() - min(found_at)) * 1000)::bigint AS "oldestMs"
      FROM findings WHERE resolved_at IS NULL GROUP BY kind ORDER BY kind`);
