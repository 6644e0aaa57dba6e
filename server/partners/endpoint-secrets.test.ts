import { beforeAll, expect, test } from "vitest";
import { testEnvironment } from "#server/platform/test-database";
import { newEndpointSecret, openSecret, sealSecret } from "./endpoint-secrets.ts";

beforeAll(() => testEnvironment({ DATABASE_URL: "postgres://127.0.0.1/none" }));

test("a secret has the form of Standard Webhooks and enough bytes", () => {
  const secret = newEndpointSecret();
  expect(secret).toMatch(/^whsec_/);
  expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
});

test("a sealed secret opens to itself, and two seals of one secret differ", () => {
  const secret = newEndpointSecret();
  const [first, second] = [sealSecret(secret), sealSecret(secret)];
  expect(openSecret(first)).toBe(secret);
  expect(first.equals(second)).toBe(false);
  expect(first.toString("latin1")).not.toContain(secret);
});

test("one changed byte and it does not open", () => {
  const sealed = sealSecret(newEndpointSecret());
  for (const at of [0, 12, 28, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = changed[at]! ^ 1;
    expect(() => openSecret(changed)).toThrow();
  }
});
