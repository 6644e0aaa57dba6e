import { Overview } from "#contracts/api/overview";
import { readOverview } from "#server/orders/overview";
import { route } from "#server/platform/route";
import { workersState } from "#server/web/workers-state";

export const GET = route({
  permission: "orders:read",
  replies: Overview,
  handle: async () => ({ ...(await readOverview()), workers: workersState() }),
});
