import { describe, expect, test } from "vitest";
import { isNarrowed, preparePills, readFilter } from "./prepare-filter.ts";

const read = (query: string) => readFilter(new URLSearchParams(query));

describe("the filter in the URL", () => {
  test("holds all that narrows the letters", () => {
    expect(
      read("status=quarantined&search=4711&consumer=charge-payment&from=2026-11-21T10:00:00.000Z&tab=letters"),
    ).toEqual({ status: "quarantined", search: "4711", consumer: "charge-payment", from: "2026-11-21T10:00:00.000Z" });
  });

  test("leaves out what the API would refuse, so that a broken link still shows letters", () => {
    expect(read("status=nonsense&orderId=4711&from=yesterday&search=x")).toEqual({ search: "x" });
  });

  test("does not name the default", () => {
    expect(read("status=unsettled")).toEqual({});
  });

  test("says what is not in sight, each part on its own", () => {
    expect(preparePills({ consumer: "send-mail", search: "x", from: "2026-11-21T10:00:00.000Z" })).toEqual([
      { name: "consumer", text: "Worker: send-mail" },
      { name: "from", text: "Died from: 2026-11-21 10:00 UTC" },
    ]);
  });

  test("a page about one cause is not narrowed by being about it", () => {
    expect(isNarrowed({ groupId: "018f4e5c-0000-7000-8000-000000000001" })).toBe(false);
    expect(isNarrowed({ search: "x" })).toBe(true);
  });
});
