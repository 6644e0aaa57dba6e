import { DrillList } from "#contracts/api/drills";
import { listDrills } from "#server/pipeline/drills";
import { route } from "#server/platform/route";

export const GET = route({ permission: "orders:read", replies: DrillList, handle: () => listDrills() });
