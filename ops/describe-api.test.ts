import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testEnvironment } from "#server/platform/test-database";
import { describeApi } from "./describe-api.ts";
import { root } from "./paths.ts";

const file = join(root, "docs/openapi.json");

test("D8: docs/openapi.json describes the API as it is (UPDATE_DOCS=1 writes it anew)", async () => {
  testEnvironment({ DATABASE_URL: "postgres://127.0.0.1/none" });
  const described = `${JSON.stringify(await describeApi(), null, 1)}\n`;
  if (process.env.UPDATE_DOCS) writeFileSync(file, described);
  expect(readFileSync(file, "utf8") === described, "run it with UPDATE_DOCS=1").toBe(true);
});

test("every act of an operator is in it, each with its permission", async () => {
  const { paths } = (await describeApi()) as { paths: Record<string, Record<string, { "x-permission": string }>> };
  for (const [path, method] of [
    ["/api/v1/replay-plans", "post"],
    ["/api/v1/replay-runs", "post"],
    ["/api/v1/replay-runs/{id}", "patch"],
    ["/api/v1/dead-letters/{id}/edits", "post"],
    ["/api/v1/redirects", "post"],
    ["/api/v1/webhook-endpoints/{id}/url", "put"],
  ] as const)
    expect(paths[path]?.[method]?.["x-permission"]).toMatch(/^(dead-letters|partners):/);
});
