import { ExportQuery, LetterRow } from "#contracts/api/dead-letters";
import { exportLetters } from "#server/dead-letters/export-letters";
import { download, today } from "#server/platform/download";
import { guardSearch, masker } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: ExportQuery,
  replies: "bytes",
  async handle({ query: { format, ...filter }, viewer }) {
    const right = guardSearch(viewer, filter.search);
    const letters = exportLetters({ filter }, format, masker(viewer, LetterRow), right);
    return download(letters, `dead-letters-${today()}`, format);
  },
});
