import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openSchemaEngine } from "./schema-engine.ts";

const server = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
const root = join(import.meta.dirname, "../..");

test("the migrations lead to exactly the schema that the code is written for", async () => {
  const engine = await openSchemaEngine(server);
  try {
    expect(await engine.drift()).toBe("");
  } finally {
    await engine.close();
  }
});

test("format, lint and import arrows hold for every file", async () => {
  const checked = await promisify(execFile)(join(root, "node_modules/.bin/biome"), ["check", "."], { cwd: root }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  expect(checked).not.toBeInstanceOf(Error);
});
