import { z } from "zod";
import { BrowsedRecord, BrowseQuery } from "#contracts/api/operations";
import { browseTopic } from "#server/pipeline/browse-topic";
import { guardSearch, masker } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  params: z.object({ name: z.string() }),
  query: BrowseQuery,
  replies: "bytes",
  async handle({ params, query, request, viewer }) {
    guardSearch(viewer, query.key);
    for (const inside of [query.header, query.text, query.path]) guardSearch(viewer, inside);
    const show = masker(viewer, BrowsedRecord);
    return new Response(await browseTopic(params.name, query, request.signal, show), {
      headers: { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" },
    });
  },
});
