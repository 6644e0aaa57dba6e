import { expect, test } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

test("a caller may burst, is then held to the rate, and is told when to come back", () => {
  let now = 0;
  const take = createRateLimit({ perSecond: 10, burst: 3 }, () => now);
  for (let index = 0; index < 3; index += 1) take("a");
  expect(() => take("a")).toThrow(expect.objectContaining({ status: 429, headers: { "retry-after": "1" } }));
  now += 100;
  expect(() => take("a")).not.toThrow();
  expect(() => take("a")).toThrow();
});

test("one caller's flood is not another's", () => {
  const take = createRateLimit({ perSecond: 1, burst: 1 }, () => 0);
  take("a");
  expect(() => take("a")).toThrow();
  expect(() => take("b")).not.toThrow();
});
