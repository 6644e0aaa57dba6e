const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON with one field per line. Only spaces change: a number past 2^53 keeps every digit. Pure. */
export function prettyJson(text: string): string {
  let depth = 0;
  let out = "";
  let before = "";
  for (const [token] of text.matchAll(tokens)) {
    const isEnd = token === "}" || token === "]";
    if (isEnd) depth -= 1;
    const isEmpty = isEnd && (before === "{" || before === "[");
    const startsLine = (isEnd && !isEmpty) || (!isEnd && (before === "{" || before === "[" || before === ","));
    if (startsLine) out += `\n${"  ".repeat(Math.max(0, depth))}`;
    out += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return out;
}
