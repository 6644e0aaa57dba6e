import type { z } from "zod";
import type { TopicRow } from "#contracts/api/operations";
import type { Tone } from "#contracts/vocabulary";
import { formatDigits, UNKNOWN } from "../../_ui/figures.ts";
import { formatCount, formatDuration } from "../../_ui/format.ts";

export type TopicLine = {
  name: string;
  href: string;
  owner: string;
  partitions: string;
  sync: { label: string; tone: Tone };
  retention: string;
  records: string;
};

/** Topics as lines; ours first, then by name. Pure. */
export const prepareTopics = (topics: readonly z.infer<typeof TopicRow>[]): TopicLine[] =>
  topics
    .toSorted((a, b) => Number(b.isOurs) - Number(a.isOurs) || a.name.localeCompare(b.name))
    .map((topic) => ({
      name: topic.name,
      href: topicHref(topic.name),
      owner: topic.isOurs ? "ours" : "other",
      partitions: `${topic.partitions} × ${formatCount(topic.replicas, "replica")}`,
      sync:
        topic.underReplicated === 0
          ? { label: "In sync", tone: "good" }
          : {
              label: `${formatCount(topic.underReplicated, "partition lacks", "partitions lack")} replicas`,
              tone: "bad",
            },
      retention: prepareRetention(topic.retentionMs),
      records: formatDigits(topic.records),
    }));

export const topicHref = (name: string): string => `/topics/${encodeURIComponent(name)}`;

/** How long records are kept; the broker says -1 for ever. */
function prepareRetention(retentionMs: string | null): string {
  if (retentionMs === null) return UNKNOWN;
  return retentionMs.startsWith("-") ? "for ever" : formatDuration(Number(retentionMs));
}

/** How many of them are on the screen. Pure. */
export const prepareCount = (shown: number, total: number): string =>
  shown === total ? formatCount(total, "topic") : `${formatCount(shown, "topic")} of ${total.toLocaleString("en-GB")}`;
