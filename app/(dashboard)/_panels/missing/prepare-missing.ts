import type { FindingKindTotal, FindingList, FindingRow } from "#contracts/api/findings";
import { type FindingKind, findingKindLabels, type Tone } from "#contracts/vocabulary";
import { formatCount, formatMoneys } from "../../_ui/format.ts";

/** Where what is missing is listed. */
export const missingHref = (): string => "/orders?tab=missing";

/** What a kind means for the order, and what sending again does. */
export const kindWords: Record<FindingKind, string> = {
  paid_not_shipped:
    "The money is taken and nothing is under way. Sending again hands the order to the worker whose turn it is.",
  event_not_in_kafka:
    "It was written with the order and is not where it belongs. Sending again brings it to Kafka; workers that know it ignore it.",
  job_lost:
    "It was asked for and is neither done, nor queued, nor dead. Sending again asks once more; jobs that are done are not done again.",
};

/** The tab's first sentence. Pure. */
export function missingSentence({ orders, money, isWatched }: FindingList): { tone: Tone; sentence: string } {
  const worth = money.length > 0 ? `, ${formatMoneys(money)}` : "";
  if (orders > 0)
    return {
      tone: "bad",
      sentence: `${formatCount(orders, "order misses", "orders miss")} something that nothing will bring by itself${worth}.${isWatched ? "" : " The reconciler does not run: this may be old."}`,
    };
  if (!isWatched)
    return {
      tone: "warn",
      sentence: "Nobody looks for what is missing: the reconciler runs with the workers, and none runs.",
    };
  return { tone: "good", sentence: "Nothing is missing: events reach Kafka, jobs get done, paid orders go on." };
}

export type MissingKind = {
  kind: FindingKind;
  label: string;
  /** `12 orders, 840.00 EUR`. */
  summary: string;
  total: FindingKindTotal;
  rows: FindingRow[];
  /** Found and not in the list. */
  hidden: number;
};

/** The kinds of which something is missing, in the server's order. Pure. */
export const prepareKinds = ({ totals, findings }: FindingList): MissingKind[] =>
  totals.map((total) => {
    const { kind } = total;
    const rows = findings.filter((finding) => finding.kind === kind && finding.resolvedAt === null);
    const things = total.findings > total.orders ? `${formatCount(total.findings, "finding")} on ` : "";
    const worth = total.money.length > 0 ? `, ${formatMoneys(total.money)}` : "";
    return {
      kind,
      label: findingKindLabels[kind].label,
      summary: `${things}${formatCount(total.orders, "order")}${worth}`,
      total,
      rows,
      hidden: total.findings - rows.length,
    };
  });

/** What was missing and is there again, the latest first. Pure. */
export const prepareResolved = ({ findings }: FindingList): FindingRow[] =>
  findings.filter(({ resolvedAt }) => resolvedAt !== null);

/** How an order is called where it may be gone. Pure. */
export const orderName = ({ orderNumber, orderId }: FindingRow): string =>
  `Order ${orderNumber ?? orderId.slice(0, 8)}`;
