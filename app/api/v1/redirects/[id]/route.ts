import { z } from "zod";
import { RedirectList } from "#contracts/api/redirects";
import { endRedirect, listRedirects } from "#server/dead-letters/change-redirects";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const DELETE = route({
  permission: "dead-letters:redirect",
  params: z.object({ id: z.uuid() }),
  replies: RedirectList,
  handle: ({ viewer, request, params }) =>
    act({ viewer, request, body: null }, async (operation) => {
      await endRedirect(operation, params.id);
      return { redirects: await listRedirects(operation.tx) };
    }),
});
