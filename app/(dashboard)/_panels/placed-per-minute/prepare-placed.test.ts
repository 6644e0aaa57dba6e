import { expect, test } from "vitest";
import { preparePlaced } from "./prepare-placed.ts";

test("a minute's bar is as high as its orders, those that ended badly on top", () => {
  const [bar] = preparePlaced([{ minute: "2026-11-21T10:00:00.000Z", placed: 12, ended: 2 }]);
  expect(bar).toMatchObject({ placed: 10, ended: 2 });
  expect(bar?.label).toMatch(/^\d\d:00$/);
});
