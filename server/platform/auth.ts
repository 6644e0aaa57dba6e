import { betterAuth } from "better-auth";
import { admin, magicLink } from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { defaultStatements } from "better-auth/plugins/admin/access";
import type { Permission } from "#contracts/permissions";
import { mayDo } from "#contracts/permissions";
import { IDLE_HEADER } from "#contracts/session";
import { db, pool } from "./db.ts";
import { env } from "./env.ts";
import { log } from "./log.ts";
import { processWide } from "./process-wide.ts";
import { sql } from "./sql.ts";

const MINUTE_S = 60;
const HOUR_S = 3_600;
/** Somebody who does nothing for so long is signed out. */
const IDLE_S = 12 * HOUR_S;
/** However busy, after so long everybody signs in again. */
const ABSOLUTE_MS = 7 * 24 * HOUR_S * 1_000;
const LINK_S = 15 * MINUTE_S;

const accessControl = createAccessControl(defaultStatements);
/** Nobody acts in somebody else's name: the second person of a purge would be the first one. */
const manager = accessControl.newRole({
  ...defaultStatements,
  user: defaultStatements.user.filter((act) => !act.startsWith("impersonate")),
});
const nobody = accessControl.newRole({ user: [], session: [] });

/** Where a link goes that was just made; the launcher prints it, a mailer could send it. */
let handOver: ((token: string) => void) | undefined;

function makeAuth() {
  const { PUBLIC_URL, AUTH_SECRET } = env();
  return betterAuth({
    appName: "Order pipeline",
    baseURL: PUBLIC_URL,
    basePath: "/api/auth",
    secret: AUTH_SECRET,
    database: pool(),
    trustedOrigins: [...allowedOrigins()],
    telemetry: { enabled: false },
    disabledPaths: ["/admin/impersonate-user", "/admin/stop-impersonating"],
    logger: { log: (level, message) => log()[level === "error" ? "error" : "debug"]({ from: "better-auth" }, message) },
    emailAndPassword: { enabled: false },
    session: { expiresIn: IDLE_S, updateAge: 5 * MINUTE_S, cookieCache: { enabled: false } },
    advanced: {
      defaultCookieAttributes: { sameSite: "strict", httpOnly: true },
      useSecureCookies: PUBLIC_URL.startsWith("https:"),
    },
    plugins: [
      admin({
        ac: accessControl,
        roles: { viewer: nobody, operator: nobody, lead: nobody, admin: manager },
        defaultRole: "viewer",
        adminRoles: ["admin"],
      }),
      magicLink({
        expiresIn: LINK_S,
        disableSignUp: true,
        sendMagicLink: ({ token }) => handOver?.(token),
      }),
    ],
  });
}

/** Sign-in, sessions and roles; better-auth over our own pool. */
export const auth = () => processWide("auth", makeAuth);

export type Viewer = { userId: string; name: string; email: string; role: string };

/** Who sends these headers; null = nobody that we know. Idle and absolute expiry are judged here, on every request. */
export async function findViewer(headers: Headers): Promise<Viewer | null> {
  return (await findSession(headers, headers.has(IDLE_HEADER)))?.viewer ?? null;
}

/** The session behind these headers. Who only looks (`isIdle`) does not put off its end. */
export async function findSession(
  headers: Headers,
  isIdle: boolean,
): Promise<{ sessionId: string; viewer: Viewer } | null> {
  const found = await auth().api.getSession({ headers, query: { disableRefresh: isIdle } });
  if (!found) return null;
  const { session, user } = found;
  if (Date.now() - session.createdAt.getTime() > ABSOLUTE_MS) return null;
  if (user.banned) return null;
  const viewer = { userId: user.id, name: user.name, email: user.email, role: user.role ?? "viewer" };
  return { sessionId: session.id, viewer };
}

/** Those of these sessions that go on, and whose they are now; one question for all of them. None is prolonged. */
export async function findOpenSessions(sessionIds: readonly string[]): Promise<Map<string, Viewer>> {
  const rows = await db.rows<Viewer & { sessionId: string }>(sql`
    SELECT s.id AS "sessionId", u.id AS "userId", u.name, u.email, u.role
      FROM "session" s JOIN "user" u ON u.id = s."userId"
     WHERE s.id = ANY(${[...new Set(sessionIds)]}::text[]) AND s."expiresAt" > ${new Date()} AND u.banned IS NOT TRUE
       AND s."createdAt" > ${new Date(Date.now() - ABSOLUTE_MS)}`);
  return new Map(rows.map(({ sessionId, ...viewer }) => [sessionId, viewer]));
}

export const viewerMay = (viewer: Viewer | null, permission: Permission): boolean =>
  viewer !== null && mayDo(viewer.role, permission);

/** Makes a link that signs this user in once, within 15 minutes. The user is made with the role if there is none. */
export async function makeSignInLink(email: string, role: string): Promise<string> {
  const { rows } = await pool().query(`SELECT 1 FROM "user" WHERE email = $1`, [email.toLowerCase()]);
  if (rows.length === 0) {
    const name = email.split("@")[0] ?? email;
    await auth().api.createUser({ body: { email, name, role: role as "admin", password: undefined } });
  }
  const token = await new Promise<string>((resolve, reject) => {
    handOver = resolve;
    auth().api.signInMagicLink({ body: { email }, headers: new Headers() }).catch(reject);
  });
  return `${env().PUBLIC_URL}/sign-in?token=${encodeURIComponent(token)}`;
}

/** The origins our own pages have. `localhost` and `127.0.0.1` are the same house. */
export function allowedOrigins(): Set<string> {
  const { origin, hostname } = new URL(env().PUBLIC_URL);
  const twin = { localhost: "127.0.0.1", "127.0.0.1": "localhost" }[hostname];
  return new Set(twin ? [origin, origin.replace(hostname, twin)] : [origin]);
}
