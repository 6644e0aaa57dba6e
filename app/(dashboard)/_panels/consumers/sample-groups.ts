import type { GroupView, PartitionPlace } from "#contracts/api/operations";

/** For tests: a partition that is read as fast as it is written. */
export const aPlace = (change: Partial<PartitionPlace>): PartitionPlace => ({
  partition: 0,
  committed: "120",
  end: "120",
  lag: 0,
  member: "worker-1",
  producePerSecond: 2,
  consumePerSecond: 2,
  health: "ok",
  reason: "The lag is 0.",
  etaMs: null,
  timeLagMs: null,
  timeLagIs: null,
  ...change,
});

/** For tests: a worker's group that keeps up. */
export const aGroup = (change: Partial<GroupView>): GroupView => ({
  group: "charge-payment",
  topic: "order.events",
  worker: "charge-payment",
  state: "Stable",
  members: 1,
  lag: 0,
  health: "ok",
  reason: "The lag is 0.",
  producePerSecond: 2,
  consumePerSecond: 2,
  timeLagMs: null,
  etaMs: null,
  isGrowing: false,
  pausedBy: null,
  inWords: "No order waits for its payment.",
  waiting: { orders: 0, money: [], oldestMs: null },
  partitions: [aPlace({})],
  ...change,
});
