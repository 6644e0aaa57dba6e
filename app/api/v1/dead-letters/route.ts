import { LetterList, LetterListQuery } from "#contracts/api/dead-letters";
import { listLetters } from "#server/dead-letters/letter-queries";
import { guardSearch, seesPersonalData } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: LetterListQuery,
  replies: LetterList,
  async handle({ query, viewer }) {
    guardSearch(viewer, query.search);
    return listLetters(query, { inTexts: seesPersonalData(viewer) });
  },
});
