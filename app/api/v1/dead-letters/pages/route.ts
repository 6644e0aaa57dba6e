import { LetterFilter, LetterPages } from "#contracts/api/dead-letters";
import { pageLetters } from "#server/dead-letters/letter-queries";
import { guardSearch } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: LetterFilter,
  replies: LetterPages,
  handle: async ({ query, viewer }) => pageLetters(query, guardSearch(viewer, query.search)),
});
