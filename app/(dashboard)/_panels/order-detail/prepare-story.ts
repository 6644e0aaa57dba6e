import type { OrderEvent } from "#contracts/api/orders";
import type { StoryStep } from "#contracts/api/story";
import { formatDuration } from "../../_ui/format.ts";

/** A chapter of the story: checkout or an event, with everything that followed from it. */
export type Chapter = {
  step: StoryStep;
  /** Since the chapter before, ms; null for the first. */
  tookMs: number | null;
  under: StoryStep[];
  /** The steps that need a look: open without being asked to. */
  troubles: number;
};

const isHead = ({ place }: StoryStep) => place === "checkout" || place === "outbox";
const isTrouble = ({ status, place }: StoryStep) =>
  status === "dead" || status === "failed" || (place === "retry" && status === "waiting");

/** Steps by the event they belong to; what belongs to none follows the event before it. Order and keys stay. Pure. */
export function prepareStory(steps: readonly StoryStep[]): Chapter[] {
  const chapters: Chapter[] = [];
  for (const step of steps) {
    if (isHead(step)) {
      const before = chapters.at(-1)?.step;
      const tookMs = before ? Math.max(0, Date.parse(step.at) - Date.parse(before.at)) : null;
      chapters.push({ step, tookMs, under: [], troubles: 0 });
      continue;
    }
    const own = step.seq === null ? chapters.at(-1) : chapters.find((chapter) => chapter.step.seq === step.seq);
    const chapter = own ?? chapters.at(-1);
    if (!chapter) continue;
    chapter.under.push(step);
    if (isTrouble(step)) chapter.troubles += 1;
  }
  return chapters;
}

/** How long a step took, or how long it came after the one before. */
export function prepareLength({ at, endedAt, gapMs, status }: StoryStep): string | null {
  if (endedAt && status !== "waiting")
    return `took ${formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(at)))}`;
  return gapMs === null ? null : `+${formatDuration(gapMs)}`;
}

/** `placed → shipped in 1.4 s`; null while it is not there yet. */
export function prepareSpeed(events: readonly OrderEvent[]): string | null {
  const placed = events.find(({ type }) => type === "order.placed");
  const shipped = events.find(({ type }) => type === "shipping.created");
  if (!placed || !shipped) return null;
  return `placed → shipped in ${formatDuration(Date.parse(shipped.occurredAt) - Date.parse(placed.occurredAt))}`;
}

const words: Readonly<Record<string, string>> = {
  status: "Status",
  number: "Number",
  total: "Total",
  paymentMethod: "Paid by",
  express: "Express",
  lines: "Bought",
  shippingAddress: "Goes to",
  payment: "Money",
  stock: "Goods",
  parcel: "Parcel",
  chargeId: "Charge",
  refundId: "Refund",
  carrier: "Carrier",
  trackingNumber: "Tracking number",
  deliveredAt: "Delivered at",
  cancelReason: "Cancelled because",
  lastEvent: "Newest event",
  changedAt: "Changed at",
};

/** A state as terms and what they were, in the order in which an operator reads them. Pure. */
export const prepareState = (state: Record<string, unknown>): [term: string, value: string][] =>
  [...Object.keys(words), ...Object.keys(state).filter((name) => !(name in words))].flatMap((name) => {
    const value = state[name];
    if (value === undefined || value === null || value === "") return [];
    const text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
    return [[words[name] ?? name, text] as [string, string]];
  });
