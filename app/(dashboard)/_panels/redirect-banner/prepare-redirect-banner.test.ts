import { expect, test } from "vitest";
import type { Redirect } from "#contracts/api/redirects";
import { prepareRedirectBanner } from "./prepare-redirect-banner.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const redirect: Redirect = {
  redirectId: "018f4e5c-0000-7000-8000-000000000001",
  fromKind: "queue",
  fromName: "webhooks",
  target: { kind: "queue", queue: "webhooks.v2" },
  reason: "the old queue is full",
  isActive: true,
  createdBy: "ada@example.org",
  createdAt: "2026-11-21T09:00:00.000Z",
  expiresAt: "2026-11-21T12:00:00.000Z",
};

test("an active redirect is told with what it does and when it ends", () => {
  expect(prepareRedirectBanner([redirect], now)).toBe(
    "A redirect is active for another 2 h: what is replayed to queue webhooks goes to queue webhooks.v2.",
  );
});

test("of several, the one that ends next is told", () => {
  const sooner = { ...redirect, fromName: "mails", expiresAt: "2026-11-21T10:10:00.000Z" };
  expect(prepareRedirectBanner([redirect, sooner], now)).toMatch(/^2 redirects are active.*in 10 min.*queue mails/);
});

test("what was ended or has expired is no news", () => {
  expect(prepareRedirectBanner([{ ...redirect, isActive: false }], now)).toBeNull();
  expect(prepareRedirectBanner([redirect], now + 3 * 3_600_000)).toBeNull();
});
