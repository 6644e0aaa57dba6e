import { z } from "zod";
import { LetterDetail } from "#contracts/api/dead-letters";
import { getLetterDetail } from "#server/dead-letters/letter-detail";
import { route } from "#server/platform/route";

/** By the letter's id or its message's. */
export const GET = route({
  permission: "dead-letters:read",
  params: z.object({ id: z.string() }),
  replies: LetterDetail,
  handle: ({ params }) => getLetterDetail(params.id),
});
