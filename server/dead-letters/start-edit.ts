import type { z } from "zod";
import type { EditReply, EditRequest } from "#contracts/api/replays";
import { act } from "#server/platform/act";
import type { Viewer } from "#server/platform/auth";
import { crashPoint } from "#server/platform/crash-point";
import { editLetter } from "./edit-letter.ts";

/**
 * Stores a correction for somebody and lets it leave.
 * @throws those of `editLetter`.
 */
export async function startEdit(
  { viewer, request, body }: { viewer: Viewer | null; request: Request; body: EditRequest },
  letterId: string,
): Promise<z.infer<typeof EditReply>> {
  const reply = await act({ viewer, request, body }, (operation) => editLetter(operation, letterId, body));
  crashPoint("edit:committed");
  return reply;
}
