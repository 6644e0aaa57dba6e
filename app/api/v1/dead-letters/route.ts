import { LetterList, LetterListQuery } from "#contracts/api/dead-letters";
import { listLetters } from "#server/dead-letters/letter-queries";
import { guardSearch } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: LetterListQuery,
  replies: LetterList,
  handle: async ({ query, viewer }) => listLetters(query, guardSearch(viewer, query.search)),
});
