import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { findApplication, grantApplication } from "./application-role.ts";
import { db } from "./db.ts";
import { sql } from "./sql.ts";
import { testDatabase } from "./test-database.ts";

testDatabase();

const role = `app_${randomBytes(4).toString("hex")}`;
const applicationUrl = () => {
  const url = new URL(process.env.DATABASE_URL!);
  url.username = role;
  url.password = 'it\'s a "secret"';
  return url.href;
};

afterAll(async () => {
  await db.rows({ name: "", text: `DROP OWNED BY ${role}`, values: [] });
  await db.rows({ name: "", text: `DROP ROLE ${role}`, values: [] });
});

test("D1: the application's role adds to the audit, and can neither change, remove nor unlock it", async () => {
  await grantApplication(process.env.DATABASE_URL!, applicationUrl());
  await grantApplication(process.env.DATABASE_URL!, applicationUrl());
  const client = new pg.Client({ connectionString: applicationUrl() });
  await client.connect();
  try {
    await client.query(`
      INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject)
      VALUES (gen_random_uuid(), 'a@example.test', 'lead', 'test', 'intent', 'letter:1')`);
    for (const statement of [
      "UPDATE audit_entries SET actor = 'b@example.test'",
      "DELETE FROM audit_entries",
      "TRUNCATE audit_entries",
      "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only",
      "DROP TABLE audit_entries",
      "DELETE FROM _prisma_migrations",
    ])
      await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    await client.query("UPDATE products SET is_active = true");
  } finally {
    await client.end();
  }
  expect(await db.rows(sql`SELECT actor FROM audit_entries`)).toEqual([{ actor: "a@example.test" }]);
});

test("a role that lets us in is ours; one with another password is idle, or in use while somebody is connected as it", async () => {
  const ownerUrl = process.env.DATABASE_URL!;
  const stranger = new URL(applicationUrl());
  stranger.password = "of another checkout";
  stranger.username = `missing_${role}`;
  expect(await findApplication(ownerUrl, stranger.href)).toBe("missing");
  await grantApplication(ownerUrl, applicationUrl());
  expect(await findApplication(ownerUrl, applicationUrl())).toBe("ours");

  // The tests' server may trust everybody who comes from this machine: then every password is right.
  stranger.username = role;
  const trusts = (await findApplication(ownerUrl, stranger.href)) === "ours";
  const expected = (state: string) => (trusts ? "ours" : state);
  expect(await findApplication(ownerUrl, stranger.href)).toBe(expected("idle"));
  const client = new pg.Client({ connectionString: applicationUrl() });
  await client.connect();
  expect(await findApplication(ownerUrl, stranger.href)).toBe(expected("in use"));
  await client.end();
});
