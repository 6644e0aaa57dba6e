import { describe, expect, test } from "vitest";
import { prepareCorrected, prepareUrlProblem } from "./prepare-partners.ts";

const old = "https://partner.example/old";

describe("a corrected URL", () => {
  test.each<[string, RegExp | null]>([
    ["https://partner.example/new", null],
    [" https://partner.example/new ", null],
    [old, /old URL/],
    ["partner.example", /starts with/],
    ["javascript:alert(1)", /starts with/],
    ["ftp://partner.example", /starts with/],
    ["https://me:secret@partner.example", /password/],
  ])("%s", (url, problem) => {
    if (problem) expect(prepareUrlProblem(url, old)).toMatch(problem);
    else expect(prepareUrlProblem(url, old)).toBeNull();
  });

  test("leads to the letters that wait", () => {
    const endpoint = { id: "e", partner: "Parcel Club", url: "https://new.example", letters: 400 };
    expect(prepareCorrected(endpoint)).toBe(
      "Parcel Club is now at https://new.example. 400 letters wait: replay them.",
    );
    expect(prepareCorrected({ ...endpoint, letters: 0 })).toContain("No letter waits");
  });
});
