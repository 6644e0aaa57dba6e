import { z } from "zod";
import { getLetterBody } from "#server/dead-letters/letter-detail";
import { route } from "#server/platform/route";

/** The bytes as they came. They are somebody else's: no browser may take them for a page of ours. */
export const GET = route({
  permission: "personal-data:read",
  params: z.object({ id: z.string() }),
  replies: "bytes",
  async handle({ params }) {
    const { letterId, body } = await getLetterBody(params.id);
    return new Response(new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.length), {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${letterId}.bin"`,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
      },
    });
  },
});
