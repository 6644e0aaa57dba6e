import type { OffsetReset, OffsetResetReply } from "#contracts/api/operations";
import { formatDigits } from "../../_ui/figures.ts";
import { formatCount } from "../../_ui/format.ts";

export type ResetKind = OffsetReset["to"]["kind"];
export const resetKinds: { value: ResetKind; label: string }[] = [
  { value: "earliest", label: "The oldest record there is" },
  { value: "latest", label: "The end: skip all that waits" },
  { value: "time", label: "A point in time" },
  { value: "offset", label: "An offset of one partition" },
];

/** The form as it is filled in; `at` is an instant. */
export type ResetForm = { kind: ResetKind; at: string | undefined; partition: string; offset: string };

/** What the form asks for; undefined while something is missing. Pure. */
export function prepareTarget({ kind, at, partition, offset }: ResetForm): OffsetReset["to"] | undefined {
  if (kind === "time") return at === undefined ? undefined : { kind, at };
  if (kind !== "offset") return { kind };
  if (!/^\d+$/.test(partition) || !/^\d+$/.test(offset)) return undefined;
  return { kind, partition: Number(partition), offset };
}

export type PlanLine = { partition: number; from: string; to: string; meaning: string };

/** What a reset does to each partition, in words. Pure. */
export const preparePlan = ({ partitions }: OffsetResetReply): PlanLine[] =>
  partitions.map(({ partition, from, to, records }) => ({
    partition,
    from: from === null ? "never committed" : formatDigits(from),
    to: formatDigits(to),
    meaning: meaningOf(from, to, Math.abs(records)),
  }));

function meaningOf(from: string | null, to: string, records: number): string {
  // Where it would have begun by itself is its own setting, which Kafka does not tell.
  if (from === null) return "begins here; what is older is not read";
  const way = BigInt(to) - BigInt(from);
  if (way === 0n) return "stays where it is";
  return way > 0n ? `${formatCount(records, "record")} skipped` : `${formatCount(records, "record")} read again`;
}

/** Why the offsets of this group can't be moved now, in one sentence; null = they can. Pure. */
export function refuseReset({ members, isKafkaUp }: { members: number; isKafkaUp: boolean }): string | null {
  if (!isKafkaUp) return "Kafka does not answer: nobody knows whether the group has stopped.";
  if (members === 0) return null;
  return `The group still has ${formatCount(members, "member")}: pause or stop the worker first.`;
}
