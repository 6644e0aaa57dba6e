import { z } from "zod";
import { EndpointList, UrlCorrection } from "#contracts/api/redirects";
import { correctUrl, listEndpoints } from "#server/partners/correct-url";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const PUT = route({
  permission: "partners:manage",
  params: z.object({ id: z.uuid() }),
  accepts: UrlCorrection,
  replies: EndpointList,
  handle: ({ viewer, request, body, params }) =>
    act({ viewer, request, body }, async (operation) => {
      await correctUrl(operation, params.id, body);
      return { endpoints: await listEndpoints(operation.tx) };
    }),
});
