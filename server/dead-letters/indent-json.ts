/** Deeper than this, the indentation would be longer than the text. */
export const MAX_DEPTH = 64;
const MAX_CHARACTERS = 4_194_304;

/**
 * Puts every field of a JSON text on a line of its own without understanding it: numbers keep all their digits, repeated
 * keys and escapes stay as they are, and no depth can overflow a stack.
 * @param json must be valid.
 * @returns null where it is too deep or would be too long, and how deep it is.
 */
export function indentJson(json: string): { indented: string | null; depth: number } {
  const depth = depthOf(json);
  if (depth > MAX_DEPTH) return { indented: null, depth };
  let level = 0;
  let indented = "";
  for (let at = 0; at < json.length && indented.length <= MAX_CHARACTERS; ) {
    const end = endOfToken(json, at);
    const token = json.slice(at, end);
    at = skipSpace(json, end);
    if (token === "{" || token === "[") {
      const closing = json[at];
      if (closing === "}" || closing === "]") {
        indented += token + closing;
        at = skipSpace(json, at + 1);
      } else indented += token + newLine(++level);
    } else if (token === "}" || token === "]") indented += newLine(--level) + token;
    else if (token === ",") indented += token + newLine(level);
    else if (token === ":") indented += ": ";
    else indented += token.trim();
  }
  return { indented: indented.length > MAX_CHARACTERS ? null : indented, depth };
}

const newLine = (level: number) => `\n${"  ".repeat(level)}`;
const isSpace = (character: string | undefined) =>
  character === " " || character === "\n" || character === "\r" || character === "\t";

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}

/** A string, a mark, or everything up to the next of either. */
function endOfToken(json: string, from: number): number {
  if (json[from] === '"') return endOfString(json, from);
  let at = from + 1;
  if ("{}[],:".includes(json[from]!)) return at;
  while (at < json.length && !'{}[],:"'.includes(json[at]!)) at += 1;
  return at;
}

function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function depthOf(json: string): number {
  let level = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; ) {
    const character = json[at];
    if (character === "{" || character === "[") deepest = Math.max(deepest, ++level);
    else if (character === "}" || character === "]") level -= 1;
    at = character === '"' ? endOfString(json, at) : at + 1;
  }
  return deepest;
}
