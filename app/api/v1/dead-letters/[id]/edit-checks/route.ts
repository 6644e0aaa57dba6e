import { z } from "zod";
import { EditCheck } from "#contracts/api/replays";
import { checkEdit, findEditable } from "#server/dead-letters/check-edit";
import { db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { route } from "#server/platform/route";

/** Changes nothing: what an edit would be told, while it is written. */
export const POST = route({
  permission: "dead-letters:edit",
  params: z.object({ id: z.uuid() }),
  accepts: z.object({ body: z.string().max(200_000) }),
  replies: EditCheck,
  async handle({ params, body }) {
    const letter = await findEditable(db, params.id);
    if (!letter) throw new Problem(404, "letter_not_found", "There is no dead letter with this id.");
    return { problems: await checkEdit(db, letter, body.body) };
  },
});
