import type { z } from "zod";

/**
 * What makes a field personal, which is also how it reads for whoever may not see it (server/platform/personal-data.ts):
 * - `name`: its first letter stays.
 * - `email`: its first letter and its domain stay; what is no address, e.g. a worker that acts by itself, stays whole.
 * - `place`: a part of an address, and whatever else nothing may be left of.
 * - `text`: a sentence that may quote somebody. Addresses of mail, telephone numbers, quotations and every personal value
 *   that the same answer names are masked in it.
 * - `key`: of a message; an id stays.
 * - `header`: name and value; the value stays where the name is one of ours.
 * - `data`: of a message whose `type` stands beside it, masked as that message's contract says.
 * - `message`: the text of a whole message, masked likewise; one of no known type is withheld.
 * - `bytes`: a body of unknown origin: its size stays.
 * - `withheld`: anything else of unknown origin.
 */
export const personalKinds = [
  ...(["name", "email", "place", "text", "key", "header", "data", "message", "bytes", "withheld"] as const),
];
export type PersonalKind = (typeof personalKinds)[number];

const MARK = "x-personal-data";

/** Says that a field is personal; the description of the API says so too. Last in a chain: what comes after makes a new schema. */
export const personal = <Schema extends z.ZodType>(kind: PersonalKind, schema: Schema): Schema =>
  schema.meta({ [MARK]: kind }) as Schema;

/** Null = it is not marked itself; what it holds may be. */
export const personalKindOf = (schema: z.ZodType): PersonalKind | null =>
  (schema.meta()?.[MARK] as PersonalKind | undefined) ?? null;

/** Stands for what was left out of a masked value. */
export const MASK = "***";
