import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv as parseFile } from "node:util";
import { expect, test } from "vitest";
import { envNames, parseEnv } from "#server/platform/env";
import { root } from "./paths.ts";

const example = readFileSync(join(root, ".env.example"), "utf8");
const withDefaults = example.replaceAll(/^# (?=[A-Z_]+=)/gm, "");

test(".env.example explains exactly the settings that there are", () => {
  expect(Object.keys(parseFile(withDefaults)).sort()).toEqual([...envNames].sort());
});

test("the defaults it shows are the defaults", () => {
  const required = { AUTH_SECRET: "a".repeat(32), CHECKOUT_API_KEY: "b".repeat(24), STRIPE_SECRET_KEY: "sk_test" };
  const outside = { SHIPPING_API_URL: "https://carrier.test", SMTP_URL: "smtp://mail.test" };
  const given = { ...required, ...outside };
  const bare = parseEnv({ ...parseFile(example), ...given });
  expect(parseEnv({ ...parseFile(withDefaults), ...given })).toEqual(bare);
});

test("what has no default is said to be missing, all at once", () => {
  const complaint = () => parseEnv(parseFile(example));
  for (const name of ["AUTH_SECRET", "CHECKOUT_API_KEY", "STRIPE_SECRET_KEY", "SHIPPING_API_URL", "SMTP_URL"])
    expect(complaint).toThrow(name);
});
