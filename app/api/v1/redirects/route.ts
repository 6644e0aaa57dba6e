import { Redirect, RedirectList, RedirectRequest } from "#contracts/api/redirects";
import { addRedirect, listRedirects } from "#server/dead-letters/change-redirects";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  replies: RedirectList,
  handle: async () => ({ redirects: await listRedirects(db) }),
});

export const POST = route({
  permission: "dead-letters:redirect",
  accepts: RedirectRequest,
  replies: Redirect,
  status: 201,
  handle: ({ viewer, request, body }) => act({ viewer, request, body }, (operation) => addRedirect(operation, body)),
});
