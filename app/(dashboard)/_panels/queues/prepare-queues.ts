import type { FamilyView, QueueView } from "#contracts/api/operations";
import type { Tone } from "#contracts/vocabulary";
import { formatAge, formatEta, formatRate, formatWhole } from "../../_ui/figures.ts";
import { formatCount, formatDuration } from "../../_ui/format.ts";

type FamilyStatus = FamilyView["status"];

const statusLabels: Record<FamilyStatus, { label: string; tone: Tone }> = {
  ok: { label: "OK", tone: "good" },
  busy: { label: "Busy", tone: "progress" },
  no_consumer: { label: "Nobody takes", tone: "bad" },
  paused: { label: "Paused", tone: "warn" },
  unknown: { label: "Unknown", tone: "neutral" },
};
const urgency: Record<FamilyStatus, number> = { no_consumer: 0, paused: 1, unknown: 2, busy: 3, ok: 4 };

export type QueueLine = {
  name: string;
  /** What this queue is for: where work waits, or the wait before another attempt. */
  part: string;
  ready: string;
  unacked: string;
  consumers: string;
  in: string;
  out: string;
  acked: string;
};

export type FamilyCard = {
  name: string;
  worker: string | null;
  pausedBy: string | null;
  sentence: string;
  status: { label: string; tone: Tone };
  age: string;
  eta: string;
  lines: QueueLine[];
  dead: { text: string; href: string; hasSome: boolean };
};

/** Families as cards, the worst first. Pure. */
export const prepareFamilies = (families: readonly FamilyView[]): FamilyCard[] =>
  families
    .toSorted((a, b) => urgency[a.status] - urgency[b.status] || b.main.ready - a.main.ready)
    .map((family) => ({
      name: family.name,
      worker: family.worker,
      pausedBy: family.pausedBy,
      sentence: family.inWords,
      status: statusLabels[family.status],
      age: formatAge(family.oldestMs, family.main.ready),
      eta: formatEta({ ...family, waiting: family.main.ready }),
      lines: [prepareQueue(family.main, "Work"), ...family.retries.map(prepareRetry)],
      dead: prepareDead(family),
    }));

/** A queue's figures; a null is unknown, never zero. Pure. */
export const prepareQueue = (queue: QueueView, part: string): QueueLine => ({
  name: queue.name,
  part,
  ready: formatWhole(queue.ready),
  unacked: formatWhole(queue.unacked),
  consumers: formatWhole(queue.consumers),
  in: formatRate(queue.inPerSecond),
  out: formatRate(queue.outPerSecond),
  acked: formatRate(queue.ackPerSecond),
});

/** Nobody takes from a waiting room: its messages return by themselves. */
function prepareRetry(retry: FamilyView["retries"][number]): QueueLine {
  const wait = `Again after ${formatDuration(retry.delayMs)}`;
  const next = retry.nextReturnMs === null ? "" : `, the next returns in ${formatDuration(retry.nextReturnMs)}`;
  return { ...prepareQueue(retry, retry.ready > 0 ? `${wait}${next}` : wait), consumers: "–", acked: "–" };
}

function prepareDead({ name, deadInBroker, deadInStore }: FamilyView): FamilyCard["dead"] {
  const waiting = formatCount(deadInStore, "dead letter waits", "dead letters wait");
  const inBroker =
    deadInBroker === null
      ? "how many are still in the broker is unknown"
      : deadInBroker === 0
        ? "none is left in the broker"
        : `${formatCount(deadInBroker, "more is", "more are")} in the broker, not collected yet`;
  return {
    text: `${waiting}; ${inBroker}.`,
    href: `/dead-letters?tab=letters&source=${encodeURIComponent(name)}`,
    hasSome: deadInStore > 0 || (deadInBroker ?? 0) > 0,
  };
}

/** The one sentence on all queues; the worst speaks first. Pure. */
export function prepareSentence(families: readonly FamilyView[]): { tone: Tone; sentence: string } {
  if (families.length === 0) return { tone: "neutral", sentence: "None of our queues has been seen yet." };
  const troubled = families
    .filter(({ status }) => urgency[status] < urgency.busy)
    .toSorted((a, b) => urgency[a.status] - urgency[b.status]);
  const [worst] = troubled;
  if (worst) {
    const more = troubled.length > 1 ? ` ${formatCount(troubled.length - 1, "more needs", "more need")} a look.` : "";
    const { label, tone } = statusLabels[worst.status];
    return { tone, sentence: `${worst.name}: ${label.toLowerCase()}. ${worst.inWords}${more}` };
  }
  const ready = families.reduce((sum, { main }) => sum + main.ready, 0);
  const retrying = families.flatMap(({ retries }) => retries).reduce((sum, retry) => sum + retry.ready, 0);
  const work = ready === 0 ? "no job waits" : formatCount(ready, "job waits", "jobs wait");
  const again = retrying === 0 ? "none for another attempt" : `${formatWhole(retrying)} for another attempt`;
  return { tone: "good", sentence: `All queues are worked on: ${work}, ${again}.` };
}
