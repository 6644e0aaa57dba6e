import { LetterFilter } from "#contracts/api/dead-letters";
import { deadLetterStatuses, deadLetterStatusLabels } from "#contracts/vocabulary";

/** A filter as the URL holds it; `status` left out = what still waits. */
export type UrlFilter = Partial<LetterFilter>;

const names = Object.keys(LetterFilter.shape) as (keyof LetterFilter)[];

export const statusOptions = [
  { value: "unsettled", label: "Still waiting" },
  ...deadLetterStatuses.map((value) => ({ value: value as string, label: deadLetterStatusLabels[value].label })),
  { value: "all", label: "All" },
];

/** Reads a filter from a URL; what is no filter, or none that the API would take, is left out. Pure. */
export function readFilter(params: Pick<URLSearchParams, "get">): UrlFilter {
  const filter: Record<string, string> = {};
  for (const name of names) {
    const value = params.get(name);
    if (!value || (name === "status" && value === "unsettled")) continue;
    const parsed = LetterFilter.shape[name].safeParse(value);
    if (parsed.success && parsed.data !== undefined) filter[name] = parsed.data;
  }
  return filter as UrlFilter;
}

const words: Partial<Record<keyof LetterFilter, string>> = {
  source: "Died in",
  consumer: "Worker",
  messageType: "Message type",
  workerVersion: "Worker version",
  orderId: "Order",
  endpointId: "Endpoint",
  from: "Died from",
  to: "Died before",
};

/** The parts of a filter that have no field in sight, each to be taken away. Pure. */
export const preparePills = (filter: UrlFilter) =>
  (Object.entries(words) as [keyof LetterFilter, string][]).flatMap(([name, word]) => {
    const value = filter[name];
    return value ? [{ name, text: `${word}: ${name === "from" || name === "to" ? toMinute(value) : value}` }] : [];
  });

const toMinute = (iso: string) => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Whether anything but the default narrows the list. Pure. */
export const isNarrowed = (filter: UrlFilter): boolean => Object.keys(filter).some((name) => name !== "groupId");
