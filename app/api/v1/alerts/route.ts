import { Alerts } from "#contracts/api/alerts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { route } from "#server/platform/route";

export const GET = route({ permission: "orders:read", replies: Alerts, handle: readAlerts });
