import type { Run, RunChange, RunDetail } from "#contracts/api/replays";
import { orderStatusLabels, type ReplayStatus, replayStatusLabels, type Tone } from "#contracts/vocabulary";
import { formatCount, formatDuration, formatMoneys } from "../../_ui/format.ts";

/** The order in which outcomes stand in the bar and in every sentence. */
const outcomes: readonly ReplayStatus[] = [
  "succeeded",
  "sent",
  "failed_again",
  "uncertain",
  "unknown",
  "waiting",
  "planned",
  "cancelled",
  "skipped",
];

export type Part = { status: ReplayStatus; label: string; tone: Tone; letters: number; percent: number };

/** The outcomes there are, each with its share of the run. Pure. */
export function prepareParts({ counts }: Pick<Run, "counts">): Part[] {
  const total = Object.values(counts).reduce((sum, letters) => sum + letters, 0);
  return outcomes.flatMap((status) => {
    const letters = counts[status] ?? 0;
    return letters === 0 ? [] : [{ status, ...replayStatusLabels[status], letters, percent: (letters / total) * 100 }];
  });
}

/** How a run went, as a line in a list. Pure. */
export const prepareOutcome = (run: Pick<Run, "counts" | "letters">): string =>
  prepareParts(run)
    .map(({ label, letters }) => `${letters.toLocaleString("en-GB")} ${label.toLowerCase()}`)
    .join(", ") || formatCount(run.letters, "letter");

/** What an operator has to know now, in one sentence. `now` in ms. Pure. */
export function prepareState(run: Run, now: number): { tone: Tone; sentence: string } {
  switch (run.status) {
    case "planned":
      return { tone: "neutral", sentence: "Only a plan: nothing has left." };
    case "held":
      return { tone: "progress", sentence: `Nothing has left yet. ${prepareHold(run, now)}` };
    case "running":
      return { tone: "progress", sentence: `${prepareStep(run)}${prepareLeft(run)}` };
    case "paused":
      return { tone: "warn", sentence: `Paused: ${formatCount(waitingOf(run), "letter waits", "letters wait")}.` };
    case "completed":
      return (run.counts.sent ?? 0) > 0
        ? {
            tone: "progress",
            sentence: `All have left; ${formatCount(run.counts.sent ?? 0, "outcome is", "outcomes are")} awaited.`,
          }
        : {
            tone: failedOf(run) > 0 ? "warn" : "good",
            sentence: `Completed${took(run)}${failedOf(run) > 0 ? `; ${failedOf(run).toLocaleString("en-GB")} not as wished` : ""}.`,
          };
    case "cancelled":
      return { tone: "neutral", sentence: `Cancelled: ${stayed(run)}.` };
    case "stopped":
      return {
        tone: "bad",
        sentence: `Stopped by itself: ${run.stopReason ?? "too many failed again"}; ${stayed(run)}.`,
      };
    case "expired":
      return { tone: "neutral", sentence: "The plan expired before anybody accepted it. Nothing has left." };
  }
}

/** `8 s`; what the hold still gives to think it over. */
const prepareHold = ({ holdUntil }: Run, now: number) => {
  const leftMs = holdUntil === null ? 0 : Date.parse(holdUntil) - now;
  return leftMs <= 0 ? "It starts now." : `${Math.ceil(leftMs / 1_000)} s`;
};

const prepareStep = ({ steps, step }: Run) =>
  steps.length > 0 && step < steps.length
    ? `Step ${step + 1} of ${steps.length + 1} (${formatCount(steps[step] ?? 0, "letter")}). `
    : "";

function prepareLeft(run: Run): string {
  const waiting = waitingOf(run);
  if (waiting === 0) return "All have left, outcomes come in.";
  const left = formatCount(waiting, "letter has", "letters have");
  const about = run.measuredRate > 0 ? `, about ${formatDuration((waiting / run.measuredRate) * 1_000)} more` : "";
  return `${left} not left yet${about}.`;
}

const waitingOf = ({ counts }: Run) => (counts.waiting ?? 0) + (counts.planned ?? 0);
const failedOf = ({ counts }: Run) => (counts.failed_again ?? 0) + (counts.uncertain ?? 0) + (counts.unknown ?? 0);
const stayed = ({ counts }: Run) =>
  (counts.cancelled ?? 0) === 1
    ? "1 letter stayed where it was"
    : `${counts.cancelled ?? 0} letters stayed where they were`;
const took = ({ startedAt, endedAt }: Run) =>
  startedAt && endedAt ? ` in ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}` : "";

/** What the run changed, read from the orders: `shipped 412, still failing 3, 12,300.00 EUR recovered`. Pure. */
export function prepareReceipt({ run, receipt }: RunDetail): string {
  const orders = receipt.orders.map(({ status, orders }) => `${statusWord(status)} ${orders.toLocaleString("en-GB")}`);
  const failing = run.counts.failed_again ?? 0;
  return [
    ...orders,
    ...(failing > 0 ? [`still failing ${failing.toLocaleString("en-GB")}`] : []),
    receipt.recovered.length > 0 ? `${formatMoneys(receipt.recovered)} recovered` : "no money recovered yet",
    ...(receipt.stillAtRisk.length > 0 ? [`${formatMoneys(receipt.stillAtRisk)} still at risk`] : []),
  ].join(", ");
}

const statusWord = (status: string) =>
  (status in orderStatusLabels
    ? orderStatusLabels[status as keyof typeof orderStatusLabels].label
    : status
  ).toLowerCase();

/** New deaths of the same causes that are not this run's doing; null = none. Pure. */
export const prepareNewFailures = ({ receipt: { newFailures } }: RunDetail): string | null =>
  newFailures === 0
    ? null
    : `${formatCount(newFailures, "new letter of the same cause", "new letters of the same causes")} died during this run and ${newFailures === 1 ? "is" : "are"} not part of it: the cause may not be gone.`;

export type RunAction = Exclude<RunChange["action"], "rate">;

/** What can be done to a run as it is now, the most useful first. Pure. */
export function prepareActions({ status }: Pick<Run, "status">): { action: RunAction; label: string }[] {
  const start = { action: "start" as const, label: "Start now" };
  const pause = { action: "pause" as const, label: "Pause" };
  const resume = { action: "resume" as const, label: "Resume" };
  const cancel = { action: "cancel" as const, label: "Cancel" };
  if (status === "held") return [cancel, start, pause];
  if (status === "running") return [pause, cancel];
  return status === "paused" ? [resume, cancel] : [];
}
