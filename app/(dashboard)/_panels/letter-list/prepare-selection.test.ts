import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LetterRow } from "#contracts/api/dead-letters";
import { MAX_CHOSEN } from "#contracts/api/replays";
import {
  describeChosen,
  describeExport,
  fromUrl,
  nothing,
  prepareBulk,
  prepareTooMany,
  step,
  toggle,
  toggleAll,
  toUrl,
} from "./prepare-selection.ts";

const [a, b] = ["a", "b"].map((end) => `018f4e5c-0000-7000-8000-00000000000${end}`) as [string, string];
const page = (total: number, ...ids: string[]) => ({ total, first: ids.map((id) => ({ id }) as LetterRow) });
const chosen = (...ids: string[]) => ({ ids: new Set(ids), isAll: false });

describe("exporting letters", () => {
  test("the chosen ones are exported, and their number is said; else all that match", () => {
    expect(describeExport(chosen(a, b))).toBe("Export 2 selected letters:");
    expect(describeExport(nothing)).toBe("Export all that match:");
    expect(describeExport({ ids: new Set(), isAll: true })).toBe("Export all that match:");
  });

  test("more than one request can carry are refused before it is sent", () => {
    const ids = new Set(Array.from({ length: MAX_CHOSEN + 1 }, (_, index) => String(index)));
    expect(prepareTooMany({ ids, isAll: false })).toBe("More than 6,000 by hand: select all that match instead.");
    expect(prepareTooMany(chosen(a))).toBeNull();
  });
});

describe("choosing letters", () => {
  test("a letter chosen twice is not chosen", () => {
    expect(toggle(toggle(nothing, a), a)).toEqual(nothing);
  });

  test("a choice survives whatever order the letters come in", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 40 }), (ids) => {
        const all = ids.reduce(toggle, nothing);
        expect(fromUrl(toUrl(all)).ids).toEqual(new Set(ids));
        expect(ids.toReversed().reduce(toggle, all)).toEqual(nothing);
      }),
    );
  });

  test("all on the page are chosen, and let go by the second press", () => {
    expect(toggleAll(chosen(a), page(2, a, b))).toEqual(chosen(a, b));
    expect(toggleAll(chosen(a, b), page(2, a, b))).toEqual(nothing);
    expect(toggleAll(nothing, page(0))).toEqual(nothing);
  });

  test("of more than a page, all that match are chosen, and let go", () => {
    const all = toggleAll(chosen(a), page(500, a, b));
    expect(all).toEqual({ ids: new Set(), isAll: true });
    expect(toggleAll(all, page(500, a, b))).toEqual(nothing);
  });

  test("one more press after “all that match” chooses by hand again", () => {
    expect(toggle({ ids: new Set(), isAll: true }, a)).toEqual(chosen(a));
  });

  test("a large choice stays out of the URL", () => {
    expect(toUrl(chosen(...Array.from({ length: 41 }, (_, index) => `${index}`)))).toBeNull();
    expect(fromUrl("x,' OR 1=1")).toEqual(nothing);
    expect(fromUrl(toUrl({ ids: new Set(), isAll: true })).isAll).toBe(true);
  });
});

describe("a bulk act", () => {
  test("is about the letters chosen by id", () => {
    expect(prepareBulk(chosen(a, b), { search: "x" })).toEqual({
      selection: { letterIds: [a, b] },
      letters: 2,
      what: "2 letters",
    });
    expect(prepareBulk(nothing, {})).toBeNull();
  });

  test("or about all that the list's filter finds", () => {
    expect(prepareBulk({ ids: new Set(), isAll: true }, { search: "x" })).toEqual({
      selection: { filter: { status: "unsettled", search: "x" } },
      letters: null,
      what: "all letters that match",
    });
  });

  test("is told before it is done", () => {
    expect(describeChosen(chosen(a))).toBe("1 letter is selected");
    expect(describeChosen(nothing)).toBe("No letter is selected");
  });
});

describe("moving by keys", () => {
  test("starts at the first letter in sight and stops at the ends", () => {
    expect(step(-1, 3, 1, 1)).toBe(1);
    expect(step(1, 3, 1, 0)).toBe(2);
    expect(step(2, 3, 1, 0)).toBe(2);
    expect(step(0, 3, -1, 0)).toBe(0);
    expect(step(-1, 3, 1, 7)).toBe(2);
  });
});
