import { expect, test } from "vitest";
import { IDLE_HEADER } from "#contracts/session";
import { auth, findViewer } from "./auth.ts";
import { db } from "./db.ts";
import { env } from "./env.ts";
import { sql } from "./sql.ts";
import { testDatabase } from "./test-database.ts";
import { signInAs } from "./test-sign-in.ts";

testDatabase();

const HOUR_MS = 3_600_000;

async function expiresInMs(): Promise<number> {
  const [session] = await db.rows<{ expiresAt: Date }>(sql`SELECT "expiresAt" FROM "session"`);
  return session!.expiresAt.getTime() - Date.now();
}

test("what a page asks by itself does not put off the end of an idle session; what somebody does, does", async () => {
  const cookie = await signInAs("sleeper@example.com", "viewer");
  await db.rows(sql`UPDATE "session" SET "expiresAt" = ${new Date(Date.now() + HOUR_MS)}`);

  expect(await findViewer(new Headers({ cookie, [IDLE_HEADER]: "1" }))).toMatchObject({ email: "sleeper@example.com" });
  expect(await expiresInMs()).toBeLessThanOrEqual(HOUR_MS);
  expect(await findViewer(new Headers({ cookie }))).toMatchObject({ email: "sleeper@example.com" });
  expect(await expiresInMs()).toBeGreaterThan(11 * HOUR_MS);
});

test("nobody becomes somebody else, an admin neither: two people are two", async () => {
  const cookie = await signInAs("chief@example.com", "admin");
  await signInAs("second@example.com", "lead");
  const [second] = await db.rows<{ id: string }>(sql`SELECT id FROM "user" WHERE email = 'second@example.com'`);
  const asked = auth().api.impersonateUser({ body: { userId: second!.id }, headers: new Headers({ cookie }) });
  await expect(asked).rejects.toMatchObject({ statusCode: 403 });
  const overHttp = await auth().handler(
    new Request(`${env().PUBLIC_URL}/api/auth/admin/impersonate-user`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json", origin: env().PUBLIC_URL },
      body: JSON.stringify({ userId: second!.id }),
    }),
  );
  expect(overHttp.status).toBe(404);
});
