import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./paths.ts";

type Proof = { criterion: string; file: string; title: string };

/** The rows of docs/criteria.md; a row without a criterion belongs to the one above it. */
function readProofs(): Proof[] {
  const rows = readFileSync(join(root, "docs/criteria.md"), "utf8").matchAll(
    /^\| ([^|]*) \| [^|]* \| \[[^\]]+\]\(\.\.\/([^)]+)\): (.+) \|$/gmu,
  );
  let criterion = "";
  return [...rows].map(([, id, file, title]) => {
    criterion = id!.trim() || criterion;
    return { criterion, file: decodeURIComponent(file!), title: title! };
  });
}

const proofs = readProofs();
const numbered = (letter: string, ...numbers: number[]) => numbers.map((number) => `${letter}${number}`);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const criteria = [
  ...numbered("A", ...upTo(8)),
  ...numbered("B", ...upTo(13)),
  ...numbered("C", ...upTo(6)),
  ...numbered("M", 1, 2, 3, 4, 6, 7),
  ...numbered("Bug ", ...upTo(17)),
];

test("every criterion has its tests, and every test its criterion", () => {
  expect([...new Set(proofs.map(({ criterion }) => criterion))]).toEqual(criteria);
});

describe("a test that proves a criterion is there under its title", () => {
  test.each(proofs)("$criterion: $title", ({ file, title }) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(title);
  });
});
