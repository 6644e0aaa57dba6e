import type { PipelineMap } from "#contracts/api/operations";
import type { Overview } from "#contracts/api/overview";
import { formatDuration } from "../../_ui/format.ts";
import { missingHref } from "../missing/prepare-missing.ts";

export type Health = {
  tone: "good" | "progress" | "warn" | "bad";
  sentence: string;
  /** Where to look first. */
  link?: { href: string; label: string };
};
export type Tile = { label: string; value: string; hint?: string; tone?: "bad" };

/** An order that waits longer than this is worth a word, ms. */
const SLOW_MS = 60_000;
/** A row that Kafka has not got for so long means that Kafka is away, ms. */
const UNSENT_MS = 10_000;

/** The one sentence that an operator reads first; the worst news wins. Pure. */
export function prepareHealth(overview: Overview): Health {
  const { workers, outbox, stuck, missing, oldestOpenMs, waitingRetries, oldest } = overview;
  // A process that never ran here is supervised by nobody here: then the brokers tell whether workers run.
  if (!workers.isRunning && workers.restarts > 0)
    return {
      tone: "bad",
      sentence: "The workers are not running: orders are taken and kept, but none moves.",
      link: lookAt("/consumers"),
    };
  if (outbox.oldestMs !== null && outbox.oldestMs > UNSENT_MS)
    return {
      tone: "bad",
      sentence: `Kafka does not take events: ${outbox.unsent} wait, the oldest for ${formatDuration(outbox.oldestMs)}.`,
      link: lookAt("/consumers"),
    };
  if (missing > 0)
    return {
      tone: "bad",
      sentence: `${count(missing, "order misses", "orders miss")} an event, a job or the next step, and nothing will bring it by itself.`,
      link: { href: missingHref(), label: "See what is missing" },
    };
  if (stuck > 0)
    return {
      tone: "bad",
      sentence: `${count(stuck, "order is", "orders are")} stuck and can't be undone safely.`,
      link: lookAtOrder(oldest.stuck),
    };
  if (waitingRetries > 0)
    return {
      tone: "warn",
      sentence: `${count(waitingRetries, "message waits", "messages wait")} for another attempt: a provider does not answer as it should.`,
      link: lookAtOrder(oldest.retrying),
    };
  if (oldestOpenMs !== null && oldestOpenMs > SLOW_MS)
    return {
      tone: "warn",
      sentence: `Orders move slowly: the oldest open one waits for ${formatDuration(oldestOpenMs)}.`,
      link: lookAtOrder(oldest.open),
    };
  if (total(overview) === 0) return { tone: "good", sentence: "Everything is up. There is no order yet." };
  const open = oldestOpenMs === null ? "none is open" : `the oldest open one is ${formatDuration(oldestOpenMs)} old`;
  return {
    tone: "good",
    sentence: `All orders move: ${placedLastHour(overview)} placed in the last hour, ${open}.`,
  };
}

const lookAt = (href: string | null): Health["link"] => (href === null ? undefined : { href, label: "Look there" });
const lookAtOrder = (orderId: string | null) => lookAt(orderId === null ? null : `/orders/${orderId}`);

const mapTones = { ok: "good", busy: "progress", bad: "bad", unknown: "warn" } as const;
const urgency = { bad: 0, warn: 1, progress: 2, good: 3 } as const;

/** What the orders say and what the brokers say, in one sentence: the worse news wins. Pure. */
export function prepareHeadline(overview: Overview, observed: PipelineMap["health"] | undefined): Health {
  const orders = prepareHealth(overview);
  if (!observed) return orders;
  const brokers: Health = { tone: mapTones[observed.status], sentence: observed.sentence, link: lookAt(observed.href) };
  return urgency[brokers.tone] < urgency[orders.tone] ? brokers : orders;
}

/** The few numbers an operator looks for. Pure. */
export function prepareTiles(overview: Overview): Tile[] {
  const { counts, outbox, waitingRetries, placedPerMinute } = overview;
  // The last minute is not over; the one before it is a whole one.
  const perMinute = placedPerMinute.at(-2)?.placed ?? 0;
  const inFlight = counts.placed + counts.paid + counts.reserved;
  const failed = counts.payment_failed + counts.cancelled;
  return [
    { label: "Orders per minute", value: String(perMinute), hint: "last full minute" },
    {
      label: "In flight",
      value: String(inFlight),
      hint: `${counts.placed} placed, ${counts.paid} paid, ${counts.reserved} reserved`,
    },
    {
      label: "Shipped",
      value: String(counts.shipped + counts.delivered),
      hint: `${counts.delivered} of them delivered`,
    },
    {
      label: "Failed or cancelled",
      value: String(failed),
      hint: `${counts.payment_failed} payments, ${counts.cancelled} undone`,
    },
    {
      label: "Waiting for Kafka",
      value: String(outbox.unsent),
      hint: outbox.oldestMs === null ? "nothing waits" : `oldest ${formatDuration(outbox.oldestMs)}`,
      tone: (outbox.oldestMs ?? 0) > UNSENT_MS ? "bad" : undefined,
    },
    { label: "Waiting for a retry", value: String(waitingRetries), hint: "messages tried again later" },
  ];
}

const total = ({ counts }: Overview) => Object.values(counts).reduce((sum, orders) => sum + orders, 0);
const placedLastHour = ({ placedPerMinute }: Overview) => placedPerMinute.reduce((sum, { placed }) => sum + placed, 0);
const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
