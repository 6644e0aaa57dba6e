import { Queues } from "#contracts/api/operations";
import { readQueues } from "#server/pipeline/queues";
import { route } from "#server/platform/route";

export const GET = route({ permission: "orders:read", replies: Queues, handle: () => readQueues() });
