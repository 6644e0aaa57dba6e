import { LetterFilter, LetterPages } from "#contracts/api/dead-letters";
import { pageLetters } from "#server/dead-letters/letter-queries";
import { guardSearch, seesPersonalData } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: LetterFilter,
  replies: LetterPages,
  async handle({ query, viewer }) {
    guardSearch(viewer, query.search);
    return pageLetters(query, { inTexts: seesPersonalData(viewer) });
  },
});
