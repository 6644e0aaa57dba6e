import { type BrowsedRecord, BrowseQuery } from "#contracts/api/operations";
import type { Browsing } from "../../_queries/topics.ts";
import type { Reading } from "../../_queries/use-browse.ts";
import { formatDigits } from "../../_ui/figures.ts";
import { formatCount } from "../../_ui/format.ts";

const names = ["partition", "from", "offset", "time", "key", "header", "text", "path", "limit"] as const;
export type BrowseName = (typeof names)[number];
/** The form as text, field by field. */
export type BrowseFields = Record<BrowseName, string>;

export const startings: { value: BrowseQuery["from"]; label: string }[] = [
  { value: "newest", label: "Newest" },
  { value: "oldest", label: "Oldest" },
  { value: "offset", label: "Offset" },
  { value: "time", label: "Time" },
];

/** The form as the URL fills it. Pure. */
export const readForm = (params: URLSearchParams): BrowseFields =>
  Object.fromEntries(
    names.map((name) => [name, params.get(name) ?? (name === "from" ? "newest" : name === "limit" ? "100" : "")]),
  ) as BrowseFields;

/** What goes into the URL: only what differs from a blank form. Pure. */
export function writeForm(form: BrowseFields): Record<BrowseName, string> {
  const isStart = (from: string) => form.from === from;
  return {
    ...form,
    from: isStart("newest") ? "" : form.from,
    offset: isStart("offset") ? form.offset : "",
    time: isStart("time") ? form.time : "",
    limit: form.limit === "100" ? "" : form.limit,
  };
}

/** The question that a form stands for, or what is wrong with it. Pure. */
export function prepareQuestion(form: BrowseFields): { question: Browsing } | { problem: string } {
  if (form.from === "offset" && form.offset === "") return { problem: "Say from which offset to read." };
  if (form.from === "time" && form.time === "") return { problem: "Say from which time to read." };
  if (form.header !== "" && !form.header.includes("=")) return { problem: "A header is written as name=value." };
  if (form.path !== "" && !form.path.includes("=")) return { problem: "A path is written as data.order.currency=EUR." };
  const given = Object.fromEntries(Object.entries(writeForm(form)).filter(([, value]) => value !== ""));
  const parsed = BrowseQuery.safeParse(given);
  if (parsed.success) return { question: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join(".") || "The form"}: ${issue?.message ?? "not valid"}.` };
}

/** What was read so far, and why it ended. Pure. */
export function prepareProgress({ state, progress, reason, records }: Reading): string {
  const read = progress === null ? "" : `${formatCount(progress.read, "record")} read, `;
  const found = `${read}${formatCount(progress?.matched ?? records.length, "match", "matches")}`;
  const why = reason === null ? "" : ` ${reason}`;
  if (state === "failed") return `Reading ended early: ${found}.${why}`;
  if (state === "stopped") return `Stopped: ${found}.`;
  if (state === "ended") return `Done: ${found}.${why}`;
  return progress === null ? "Reading…" : `Reading: ${found}…`;
}

/** How far it is, 0..100; null = nobody knows. Pure. */
export function prepareShare({ progress }: Reading): number | null {
  if (progress === null || progress.of <= 0) return null;
  return Math.min(100, (progress.read / progress.of) * 100);
}

export type RecordLine = {
  /** `3:48122`, as it stands in the URL. */
  place: string;
  partition: number;
  offset: string;
  at: string;
  key: string;
  preview: string;
};

const PREVIEW = 200;

/** A record as a line; its value only as a glimpse. Pure. */
export const prepareRecord = (record: BrowsedRecord): RecordLine => ({
  place: placeOf(record),
  partition: record.partition,
  offset: formatDigits(record.offset),
  at: record.at,
  key: record.key ?? "no key",
  preview:
    record.decodedAs === "tombstone" || record.value === null
      ? "tombstone: the key was deleted"
      : record.decodedAs === "binary"
        ? "bytes that are no text"
        : record.value.slice(0, PREVIEW),
});

export const placeOf = ({ partition, offset }: BrowsedRecord): string => `${partition}:${offset}`;
