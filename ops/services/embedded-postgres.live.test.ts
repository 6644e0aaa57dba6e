import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OwnPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";

const home = mkdtempSync(join(tmpdir(), "postgres-"));
const profile = { dir: join(home, "postgres"), port: 27_432, user: "shop", password: "p@ss/word" };
let postgres: OwnPostgres;

beforeAll(async () => {
  // Made by us for us alone; PostgreSQL's own user must be able to pass.
  chmodSync(home, 0o711);
  postgres = await startEmbeddedPostgres(profile);
});
afterAll(async () => {
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function ask(statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: `${postgres.url}postgres` });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test("a committed row outlives kill -9 of PostgreSQL", async () => {
  await ask("CREATE TABLE kept AS SELECT 42 AS answer");
  await postgres.kill();
  await postgres.restart();
  expect(await ask("SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
});

test("nobody gets in without the password, and nobody but the server reads its data", async () => {
  const stranger = new pg.Client({ connectionString: `postgres://shop@127.0.0.1:${profile.port}/postgres` });
  await expect(stranger.connect()).rejects.toThrow();
  expect(statSync(join(profile.dir, "data")).mode & 0o077).toBe(0);
});

test("a server that runs already is found, not started again", async () => {
  const same = await startEmbeddedPostgres(profile);
  expect(same.url).toBe(postgres.url);
});
