import { Catalogue } from "#contracts/api/overview";
import { readCatalogue } from "#server/orders/catalogue";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:place",
  allowsApiKey: true,
  replies: Catalogue,
  handle: () => readCatalogue(),
});
