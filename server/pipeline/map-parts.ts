import type { Money } from "#contracts/api/dead-letters";
import type { Consumers, FamilyView, GroupView, PipelineMap, Queues } from "#contracts/api/operations";
import { topics } from "#contracts/topology";
import type { Observed } from "./read-observed.ts";

export type MapNode = PipelineMap["nodes"][number];
export type MapEdge = PipelineMap["edges"][number];
export type MapStatus = MapEdge["status"];

/** What the web knows of the workers it runs itself: that they are gone is known at once, Kafka hears of it after 8 s. */
export type WorkersHere = { areDead: boolean };

/** Outside systems and who calls them. */
export const outside: Readonly<Record<string, { id: string; label: string }>> = {
  "charge-payment": { id: "payments", label: "Payment provider" },
  "create-shipment": { id: "carrier", label: "Carrier" },
  "send-email": { id: "mail", label: "Customers' mailboxes" },
  "deliver-webhook": { id: "partners", label: "Partners" },
};

/** What the picture is drawn from. */
export type Parts = { observed: Observed; consumers: Consumers; queues: Queues; workers: WorkersHere };
export const events = topics.orderEvents.name;

export const groupOf = ({ consumers }: Parts, worker: string): GroupView | undefined =>
  consumers.groups.find((group) => group.worker === worker);
export const familyOf = ({ queues }: Parts, name: string): FamilyView | undefined =>
  queues.families.find((one) => one.name === name);

export const node = (
  id: string,
  kind: MapNode["kind"],
  label: string,
  status: MapStatus,
  detail: string,
  href: string,
): MapNode => ({
  ...{ id, kind, label, status, detail, href },
});
export const edge = (
  from: string,
  to: string,
  rate: number | null,
  waiting: number | null,
  status: MapStatus,
  money: Money = [],
): MapEdge => ({ from, to, perSecond: rate, waiting, status, money });

export const perSecond = (rate: number | null, what: string): string =>
  rate === null ? "pace unknown" : `${rate.toLocaleString("en-GB", { maximumFractionDigits: 1 })} ${what}s/s`;
