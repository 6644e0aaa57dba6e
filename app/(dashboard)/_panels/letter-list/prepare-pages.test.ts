import fc from "fast-check";
import { expect, test } from "vitest";
import { pagesAround } from "./prepare-pages.ts";

test("the first rows need the first page; near its end the next one is asked for as well", () => {
  expect(pagesAround(0, 30, 200)).toEqual([0]);
  expect(pagesAround(80, 110, 200)).toEqual([0, 1]);
  expect(pagesAround(99_950, 99_999, 200)).toEqual([499, 500]);
});

test("whatever is in sight is on a page that is asked for, and few pages are", () => {
  fc.assert(
    fc.property(fc.nat(150_000), fc.nat(60), (first, rows) => {
      const pages = pagesAround(first, first + rows, 200);
      for (const index of [first, first + rows]) expect(pages).toContain(Math.floor(index / 200));
      expect(pages.length).toBeLessThanOrEqual(3);
    }),
  );
});
