import { expect, test } from "vitest";
import { IDLE_HEADER } from "#contracts/session";
import { auth, findViewer, makeSignInLink } from "./auth.ts";
import { db } from "./db.ts";
import { env } from "./env.ts";
import { sql } from "./sql.ts";
import { testDatabase } from "./test-database.ts";

testDatabase();

const HOUR_MS = 3_600_000;

async function expiresInMs(): Promise<number> {
  const [session] = await db.rows<{ expiresAt: Date }>(sql`SELECT "expiresAt" FROM "session"`);
  return session!.expiresAt.getTime() - Date.now();
}

test("what a page asks by itself does not put off the end of an idle session; what somebody does, does", async () => {
  const token = new URL(await makeSignInLink("sleeper@example.com", "viewer")).searchParams.get("token")!;
  const signIn = `${env().PUBLIC_URL}/api/auth/magic-link/verify?token=${encodeURIComponent(token)}`;
  const cookie = (await auth().handler(new Request(signIn))).headers.getSetCookie()[0]!.split(";")[0]!;
  await db.rows(sql`UPDATE "session" SET "expiresAt" = ${new Date(Date.now() + HOUR_MS)}`);

  expect(await findViewer(new Headers({ cookie, [IDLE_HEADER]: "1" }))).toMatchObject({ email: "sleeper@example.com" });
  expect(await expiresInMs()).toBeLessThanOrEqual(HOUR_MS);
  expect(await findViewer(new Headers({ cookie }))).toMatchObject({ email: "sleeper@example.com" });
  expect(await expiresInMs()).toBeGreaterThan(11 * HOUR_MS);
});
