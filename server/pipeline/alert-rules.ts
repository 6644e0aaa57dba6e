import type { RuleRow } from "#contracts/api/alerts";
import type { Money } from "#contracts/api/dead-letters";
import type { Consumers, GroupView, Known, Queues } from "#contracts/api/operations";
import type { FindingKind } from "#contracts/vocabulary";
import { inWords } from "./burrow.ts";
import { count, moneyInWords, outlook, sentence } from "./in-words.ts";

/** All that the rules look at, read once. */
export type AlertFacts = {
  at: Date;
  known: Known;
  groups: Consumers["groups"];
  families: Queues["families"];
  outbox: { unsent: number; oldestMs: number | null };
  /** Letters that wait for somebody, by the queue or topic they died in. */
  letters: readonly { source: string; letters: number; oldestMs: number }[];
  /** What the orders behind those letters are worth; each order once, no test orders. */
  moneyAtRisk: Money;
  /** Orders that the reconciler found stuck, by what is wrong with them. */
  stuck: readonly { kind: FindingKind; orders: number; oldestMs: number }[];
};

/** One thing that is wrong now. `rule` and `subject` tell it from all others. */
export type Condition = { rule: string; subject: string; value: number | null; summary: string; href: string };
export type RuleSetting = { threshold: number | null; forMs: number; isEnabled: boolean };

type Found = Omit<Condition, "rule">;
export type AlertRule = {
  id: string;
  label: string;
  /** Null = there is nothing to set. */
  threshold: number | null;
  unit: string | null;
  /** So long it must be wrong before anybody is told, ms. */
  forMs: number;
  /** While this broker is not seen nothing is known: its alerts neither begin nor end. */
  needs: "kafka" | "rabbitmq" | null;
  watches(threshold: number): string;
  find(facts: AlertFacts, threshold: number): Found[];
};

const MINUTE_MS = 60_000;
/** A lag that is gone by then pages nobody, ms. */
const DRAINS_SOON_MS = 10 * MINUTE_MS;

const drainsSoon = ({ etaMs }: { etaMs: number | null }) => etaMs !== null && etaMs < DRAINS_SOON_MS;
const ours = ({ groups }: AlertFacts) => groups.filter(({ worker }) => worker !== null);
const groupAt = ({ group }: GroupView) => ({
  subject: `group:${group}`,
  href: `/consumers/${encodeURIComponent(group)}`,
});
const queueAt = (name: string) => ({ subject: `queue:${name}`, href: `/queues?family=${encodeURIComponent(name)}` });
const paused = ({ pausedBy }: { pausedBy: string | null }) => pausedBy !== null && `paused by ${pausedBy}`;
const number = (value: number) => value.toLocaleString("en-GB");

const stuckWords: Record<FindingKind, (orders: number) => string> = {
  event_not_in_kafka: (orders) =>
    `${count(orders, "order")} ${orders === 1 ? "has" : "have"} an event that never reached Kafka`,
  job_lost: (orders) => `${count(orders, "order")} lost a job`,
  paid_not_shipped: (orders) => `${count(orders, "order")} ${orders === 1 ? "is" : "are"} paid and not shipped`,
};

export const alertRules: readonly AlertRule[] = [
  {
    ...{ id: "group-health", label: "Worker does not read", threshold: null, unit: null, forMs: 30_000 },
    needs: "kafka",
    watches: () => "a worker's consumer group has stalled or stopped",
    find: (facts) =>
      ours(facts)
        .filter(({ health, pausedBy }) => (health === "stall" || health === "stop") && pausedBy === null)
        .map((group) => ({
          ...groupAt(group),
          value: group.lag,
          summary: `${group.worker} ${group.health === "stop" ? "has stopped" : "has stalled"}. ${group.reason}`,
        })),
  },
  {
    ...{ id: "time-lag", label: "Events wait too long", threshold: 5, unit: "min", forMs: 30_000, needs: "kafka" },
    watches: (minutes) =>
      `a worker's oldest unread event is older than ${number(minutes)} min and will not be read within 10 min`,
    find: (facts, minutes) =>
      ours(facts)
        .filter((group) => (group.timeLagMs ?? 0) > minutes * MINUTE_MS && !drainsSoon(group))
        .map((group) => ({
          ...groupAt(group),
          value: group.timeLagMs! / MINUTE_MS,
          summary: sentence(
            `${group.worker} is ${inWords(group.timeLagMs!)} behind`,
            `${count(group.lag, "event")} unread`,
            outlook(group),
            paused(group),
          ),
        })),
  },
  {
    ...{ id: "lag", label: "Too much waits", threshold: 10_000, unit: "messages", forMs: 30_000, needs: null },
    watches: (most) => `more than ${number(most)} messages wait for a worker and will not be gone within 10 min`,
    find: (facts, most) => [
      ...(facts.known.kafka.isUp ? ours(facts) : [])
        .filter((group) => group.lag > most && !drainsSoon(group))
        .map((group) => ({
          ...groupAt(group),
          value: group.lag,
          summary: sentence(`${count(group.lag, "event")} wait for ${group.worker}`, outlook(group), paused(group)),
        })),
      ...(facts.known.rabbitmq.isUp ? facts.families : [])
        .filter((family) => family.main.ready > most && !drainsSoon(family))
        .map((family) => ({
          ...queueAt(family.name),
          value: family.main.ready,
          summary: sentence(
            `${count(family.main.ready, "message")} wait in ${family.name}`,
            outlook(family),
            paused(family),
          ),
        })),
    ],
  },
  {
    ...{ id: "dead-letters", label: "Many dead letters", threshold: 50, unit: "letters", forMs: 0, needs: null },
    watches: (most) => `more than ${number(most)} dead letters of one queue or topic wait for somebody`,
    find: ({ letters }, most) =>
      letters
        .filter((one) => one.letters > most)
        .map((one) => ({
          subject: `letters:${one.source}`,
          href: `/dead-letters?tab=letters&source=${encodeURIComponent(one.source)}`,
          value: one.letters,
          summary: sentence(
            `${count(one.letters, "dead letter")} of ${one.source} wait`,
            `oldest ${inWords(one.oldestMs)}`,
          ),
        })),
  },
  {
    ...{ id: "oldest-letter", label: "Dead letter forgotten", threshold: 60, unit: "min", forMs: 0, needs: null },
    watches: (minutes) => `a dead letter has waited for longer than ${number(minutes)} min`,
    find: ({ letters }, minutes) =>
      letters
        .filter(({ oldestMs }) => oldestMs > minutes * MINUTE_MS)
        .map(({ source, oldestMs, letters }) => ({
          subject: `letters:${source}`,
          href: `/dead-letters?tab=letters&source=${encodeURIComponent(source)}`,
          value: oldestMs / MINUTE_MS,
          summary: sentence(
            `A dead letter of ${source} has waited for ${inWords(oldestMs)}`,
            letters > 1 && `${number(letters)} wait in all`,
          ),
        })),
  },
  {
    ...{ id: "money-at-risk", label: "Money at risk", threshold: 1_000, unit: "of a currency", forMs: 0, needs: null },
    watches: (most) => `orders behind dead letters are worth more than ${number(most)} of one currency`,
    find: ({ moneyAtRisk }, most) =>
      moneyAtRisk
        .map(({ currency, cents }) => ({ currency, cents, value: cents / 10 ** fractionDigits(currency) }))
        .filter(({ value }) => value > most)
        .map(({ currency, cents, value }) => ({
          subject: `money:${currency}`,
          href: "/dead-letters",
          value,
          summary: `${moneyInWords([{ currency, cents }])} of orders wait behind dead letters.`,
        })),
  },
  {
    ...{ id: "stuck-orders", label: "Orders stuck", threshold: 0, unit: "orders", forMs: 0, needs: null },
    watches: (most) => `the reconciler found more than ${number(most)} orders that do not move by themselves`,
    find: ({ stuck }, most) =>
      stuck
        .filter(({ orders }) => orders > most)
        .map(({ kind, orders, oldestMs }) => ({
          subject: `orders:${kind}`,
          href: "/orders?tab=missing",
          value: orders,
          summary: sentence(stuckWords[kind](orders), `the oldest was found ${inWords(oldestMs)} ago`),
        })),
  },
  {
    ...{ id: "no-consumer", label: "Queue without consumer", threshold: null, unit: null, forMs: 30_000 },
    needs: "rabbitmq",
    watches: () => "nobody reads a work queue although no one has paused its worker",
    find: ({ families }) =>
      families
        .filter(({ status }) => status === "no_consumer")
        .map(({ name, main }) => ({
          ...queueAt(name),
          value: main.ready,
          summary: sentence(
            `Nobody works on ${name}`,
            `${count(main.ready, "message")} ${main.ready === 1 ? "waits" : "wait"}`,
          ),
        })),
  },
  {
    ...{ id: "outbox-age", label: "Outbox does not drain", threshold: 60, unit: "s", forMs: 0, needs: null },
    watches: (seconds) => `an event has waited in the outbox for longer than ${number(seconds)} s`,
    find: ({ outbox: { unsent, oldestMs } }, seconds) =>
      (oldestMs ?? 0) <= seconds * 1_000
        ? []
        : [
            {
              subject: "outbox",
              href: "/",
              value: oldestMs! / 1_000,
              summary: sentence(
                `${count(unsent, "event")} ${unsent === 1 ? "waits" : "wait"} in the outbox`,
                `oldest ${inWords(oldestMs!)}`,
              ),
            },
          ],
  },
  {
    ...{ id: "broker-away", label: "Broker unreachable", threshold: null, unit: null, forMs: 30_000, needs: null },
    watches: () => "Kafka or RabbitMQ is not seen",
    find: ({ known, at }) =>
      (
        [
          ["Kafka", "kafka", "/consumers"],
          ["RabbitMQ", "rabbitmq", "/queues"],
        ] as const
      )
        .filter(([, broker]) => !known[broker].isUp)
        .map(([name, broker, href]) => {
          const { since, reason } = known[broker];
          const awayMs = since === null ? null : Math.max(0, at.getTime() - Date.parse(since));
          const span = awayMs === null ? "was never seen" : `has not been seen for ${inWords(awayMs)}`;
          return { subject: `broker:${broker}`, href, value: null, summary: `${name} ${span}: ${reason ?? "unknown"}` };
        }),
  },
];

const fractionDigits = (currency: string): number =>
  new Intl.NumberFormat("en-GB", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Pure: a rule as somebody set it, or as it comes. */
export const settingOf = (rule: AlertRule, changed?: Partial<RuleSetting>): RuleSetting => ({
  isEnabled: changed?.isEnabled ?? true,
  threshold: rule.threshold === null ? null : (changed?.threshold ?? rule.threshold),
  forMs: changed?.forMs ?? rule.forMs,
});

export function showRule(rule: AlertRule, setting: RuleSetting): RuleRow {
  const { id, label, unit } = rule;
  const span = setting.forMs > 0 ? ` for ${inWords(setting.forMs)}` : "";
  return { id, label, unit, ...setting, sentence: `Fires when ${rule.watches(setting.threshold ?? 0)}${span}.` };
}

/** Everything that is wrong now by the rules that are on. Pure. */
export const findConditions = (facts: AlertFacts, settings: ReadonlyMap<string, Partial<RuleSetting>>): Condition[] =>
  alertRules.flatMap((rule) => {
    const { isEnabled, threshold } = settingOf(rule, settings.get(rule.id));
    if (!isEnabled || (rule.needs && !facts.known[rule.needs].isUp)) return [];
    return rule.find(facts, threshold ?? 0).map((found) => ({ rule: rule.id, ...found }));
  });

/** Whether anything can be said of an alert at present: what a silent broker holds is neither wrong nor fine. Pure. */
export function isKnown({ rule, subject }: Pick<Condition, "rule" | "subject">, known: Known): boolean {
  const needs = alertRules.find(({ id }) => id === rule)?.needs ?? null;
  if (needs) return known[needs].isUp;
  if (subject.startsWith("group:")) return known.kafka.isUp;
  if (subject.startsWith("queue:")) return known.rabbitmq.isUp;
  return true;
}
