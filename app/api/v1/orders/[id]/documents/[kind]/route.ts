import { z } from "zod";
import { documentKinds } from "#contracts/vocabulary";
import { getDocument } from "#server/orders/order-queries";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "personal-data:read",
  params: z.object({ id: z.string(), kind: z.enum(documentKinds) }),
  replies: "bytes",
  async handle({ params: { id, kind } }) {
    const { content, number } = await getDocument(id, kind);
    return new Response(new Uint8Array(content), {
      headers: {
        "content-type": "application/pdf",
        "content-disposition": `inline; filename="${kind}-${number}.pdf"`,
        "cache-control": "no-store",
      },
    });
  },
});
