import { Consumers } from "#contracts/api/operations";
import { readConsumers } from "#server/pipeline/consumers";
import { route } from "#server/platform/route";

export const GET = route({ permission: "orders:read", replies: Consumers, handle: () => readConsumers() });
