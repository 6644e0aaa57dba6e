import { describe, expect, test } from "vitest";
import { emptyForm, prepareRedirect, withFromKind } from "./prepare-redirects.ts";

const whole = {
  ...emptyForm,
  fromName: " mails ",
  target: { kind: "queue" as const, queue: "mails.v2" },
  reason: "the old one is full",
};

describe("a standing redirect", () => {
  test("says from where, to where, for how long and why", () => {
    expect(prepareRedirect(whole)).toEqual({
      request: { ...whole, fromName: "mails", expiresInMs: 24 * 3_600_000 },
    });
  });

  test.each<[string, Partial<typeof whole>, string]>([
    ["what is redirected", { fromName: " " }, "Say what is redirected."],
    ["where to", { target: { kind: "queue", queue: "" } }, "Say where it goes instead."],
    ["why", { reason: "no" }, "Say why."],
  ])("is not taken before it says %s", (_, change, missing) => {
    expect(prepareRedirect({ ...whole, ...change })).toEqual({ missing });
  });

  test("never leads back to where it came from", () => {
    expect(prepareRedirect({ ...whole, target: { kind: "queue", queue: "mails" } })).toEqual({
      missing: "It would lead back to where it came from.",
    });
  });

  test("sends a URL to a URL only", () => {
    const url = withFromKind(whole, "url");
    expect(url.target).toEqual({ kind: "url", url: "" });
    expect(withFromKind(url, "topic").target).toEqual({ kind: "queue", queue: "" });
  });
});
