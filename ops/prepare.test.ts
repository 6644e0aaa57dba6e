import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { root } from "./paths.ts";

test("without the demo, settings that are missing are listed, and nothing else is said", async () => {
  const child = fork(join(root, "ops/prepare.ts"), [], {
    env: { PATH: process.env.PATH, NODE_ENV: "production" },
    silent: true,
  });
  const [out, error, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
  expect([code, out]).toEqual([1, ""]);
  expect(error).toMatch(/^These settings need a hand \(see \.env\.example\):\n {2}DATABASE_URL is not set\n/);
});
