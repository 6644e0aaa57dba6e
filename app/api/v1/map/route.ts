import { PipelineMap } from "#contracts/api/operations";
import { readMap } from "#server/pipeline/map";
import { route } from "#server/platform/route";
import { workersHere } from "#server/web/workers-state";

export const GET = route({ permission: "orders:read", replies: PipelineMap, handle: () => readMap(workersHere()) });
