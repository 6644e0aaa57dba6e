import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** A book that survives its process: every entry is one line of JSON, appended before the caller is answered. */
export type Journal<Entry> = { entries: Entry[]; add(entry: Entry): void };

/** Opens a book; without a path it lives in memory only. A torn last line (a crash while writing) is left out. */
export function openJournal<Entry>(path: string | undefined): Journal<Entry> {
  const entries: Entry[] =
    path && existsSync(path)
      ? readFileSync(path, "utf8")
          .split("\n")
          .flatMap(parse<Entry>)
      : [];
  if (path) mkdirSync(dirname(path), { recursive: true });
  return {
    entries,
    add(entry) {
      entries.push(entry);
      if (path) appendFileSync(path, `${JSON.stringify(entry)}\n`);
    },
  };
}

function parse<Entry>(line: string): Entry[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}
