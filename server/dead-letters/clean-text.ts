/** Text that a PostgreSQL text or jsonb column takes: no NUL, no half character. At most so many characters. */
export const cleanText = (text: string, characters: number): string =>
  text.slice(0, characters).replaceAll("\0", "\u{fffd}").toWellFormed();

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu;

/** A UUID of any version in lower case; null for anything else. */
export const uuidOrNull = (value: unknown): string | null =>
  typeof value === "string" && uuid.test(value) ? value.toLowerCase() : null;
