import { LetterRow } from "#contracts/api/dead-letters";
import { ExportRequest } from "#contracts/api/replays";
import { exportLetters } from "#server/dead-letters/export-letters";
import { download, today } from "#server/platform/download";
import { guardSearch, masker } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:read",
  accepts: ExportRequest,
  replies: "bytes",
  async handle({ body: { selection, format }, viewer }) {
    const right = guardSearch(viewer, "filter" in selection ? selection.filter.search : undefined);
    const letters = exportLetters(selection, format, masker(viewer, LetterRow), right);
    return download(letters, `dead-letters-${today()}`, format);
  },
});
