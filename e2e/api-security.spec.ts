import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type APIRequestContext, expect, request, test } from "@playwright/test";

/*
 * Who may do what, for every route there is: the list is read from the source, so a new route is in it by itself. Each is
 * tried by nobody and by every role, and through the side doors that frameworks have had.
 */

// Thousands of requests, each told in its assertion.
test.use({ trace: "off" });

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Endpoint = { path: string; method: Method; permission: string };

const roles = ["viewer", "operator", "lead", "admin"] as const;
type Role = (typeof roles)[number];

/** The least role that a permission needs, said a second time on purpose: who widens a role has to say so here as well. */
const leastRoles: Record<string, Role> = {
  "orders:read": "viewer",
  "dead-letters:read": "viewer",
  "personal-data:read": "operator",
  "orders:place": "operator",
  "generator:control": "operator",
  "dead-letters:replay": "operator",
  "audit:read": "operator",
  "alerts:acknowledge": "operator",
  "dead-letters:bulk": "lead",
  "dead-letters:edit": "lead",
  "dead-letters:redirect": "lead",
  "partners:manage": "lead",
  "workers:control": "lead",
  "drills:control": "lead",
  "alerts:manage": "lead",
  "users:manage": "admin",
};

function endpoints(folder: string): Endpoint[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return endpoints(path);
    if (entry.name !== "route.ts" || folder.includes("[...")) return [];
    const url = folder
      .replace(/^app/, "")
      .replaceAll("[kind]", "invoice")
      .replaceAll(/\[\w+\]/g, "01a1fc89-14a4-750e-b3a7-dfec7d678355");
    const text = readFileSync(path, "utf8");
    return [...text.matchAll(/export const (\w+) = (\w+)\(([\s\S]*?)(?=\nexport|$)/g)].map(
      ([, method, maker, rest]) => ({
        path: url,
        method: method as Method,
        permission:
          maker === "checkoutRoute" ? "orders:place" : (/permission: "([^"]+)"/.exec(rest ?? "")?.[1] ?? "none"),
      }),
    );
  });
}

const all = endpoints("app/api");
const origin = process.env.E2E_BASE_URL!;
const call = (context: APIRequestContext, { method, path }: Endpoint, headers: Record<string, string> = {}) =>
  context.fetch(path, {
    method,
    headers: { "content-type": "application/json", origin, ...headers },
    data: method === "GET" ? undefined : "{}",
    maxRedirects: 0,
  });

async function as<Result>(
  who: "nobody" | Role,
  work: (context: APIRequestContext) => Promise<Result>,
): Promise<Result> {
  const storageState = who === "nobody" ? { cookies: [], origins: [] } : `test-results/${who}.json`;
  const context = await request.newContext({ baseURL: origin, storageState });
  try {
    return await work(context);
  } finally {
    await context.dispose();
  }
}

test("the list of routes is not empty and each names its permission", () => {
  expect(all.length).toBeGreaterThan(7);
  expect(all.filter(({ permission }) => leastRoles[permission] === undefined)).toEqual([]);
});

for (const role of roles)
  test(`${role} has the permissions of that role, and is told so`, async () => {
    const session = await as(role, async (context) => (await context.get("/api/v1/session")).json());
    const own = Object.keys(leastRoles).filter((name) => roles.indexOf(leastRoles[name]!) <= roles.indexOf(role));
    expect(session.user).toMatchObject({ role });
    expect(session.permissions.toSorted()).toEqual(own.toSorted());
  });

for (const endpoint of all) {
  const name = `${endpoint.method} ${endpoint.path.replace(/[0-9a-f-]{36}/g, ":id")} (${endpoint.permission})`;

  test(`${name}: nobody gets in, by no side door`, async () => {
    await as("nobody", async (context) => {
      expect((await call(context, endpoint)).status()).toBe(401);
      const doors: Record<string, string>[] = [
        { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" },
        { rsc: "1" },
        { "next-router-prefetch": "1" },
        { "next-action": "x" },
        { "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost" },
      ];
      for (const headers of doors) {
        // Next answers `rsc` with a redirect to the same path; what matters is that nothing but a refusal is behind it.
        const answer = await call(context, endpoint, headers);
        expect([401, 307], JSON.stringify(headers)).toContain(answer.status());
        const location = answer.headers().location;
        if (location)
          expect((await call(context, { ...endpoint, path: location }, headers)).status(), location).toBe(401);
      }
      for (const path of [
        `${endpoint.path}/`,
        `${endpoint.path}.rsc`,
        `${endpoint.path}?_rsc=1`,
        endpoint.path.replace("/v1/", "/%761/"),
      ]) {
        const status = (await call(context, { ...endpoint, path })).status();
        expect([308, 307, 401, 404, 405], `${path} gave ${status}`).toContain(status);
      }
    });
  });

  test(`${name}: every role gets as far as it should and no further`, async () => {
    const least = roles.indexOf(leastRoles[endpoint.permission]!);
    for (const [rank, role] of roles.entries()) {
      const status = await as(role, async (context) => (await call(context, endpoint)).status());
      if (rank < least) expect(status, role).toBe(403);
      // What is asked for is nonsense or not there; it is the caller who is let in.
      else expect([200, 201, 204, 400, 404, 409, 422], `${role} got ${status}`).toContain(status);
    }
  });

  if (endpoint.method !== "GET")
    test(`${name}: a change from a foreign page is refused`, async () => {
      await as("admin", async (context) => {
        for (const foreign of [
          "https://evil.example",
          "null",
          "http://localhost.evil.example",
          `${origin}.evil.example`,
        ])
          expect((await call(context, endpoint, { origin: foreign })).status(), foreign).toBe(403);
        expect((await call(context, endpoint, { "sec-fetch-site": "cross-site" })).status()).toBe(403);
        const withoutOrigin = await context.fetch(endpoint.path, {
          method: endpoint.method,
          headers: { "content-type": "application/json" },
          data: "{}",
        });
        expect(withoutOrigin.status()).toBe(403);
        for (const type of ["text/plain", "application/x-www-form-urlencoded"])
          expect([415, 403]).toContain((await call(context, endpoint, { "content-type": type })).status());
      });
      for (const role of roles)
        await as(role, async (context) =>
          expect((await call(context, endpoint, { origin: "https://evil.example" })).status(), role).toBe(403),
        );
    });
}

test("what an operator may do to one letter takes a lead for many, and for another place", async () => {
  const plan = { path: "/api/v1/replay-plans", method: "POST" as const };
  const letterIds = [crypto.randomUUID()];
  const asks = [
    { least: "operator", body: { selection: { letterIds } } },
    { least: "lead", body: { selection: { letterIds: [...letterIds, crypto.randomUUID()] } } },
    { least: "lead", body: { selection: { filter: { status: "dead", messageType: "nobody.knows" } } } },
    { least: "lead", body: { selection: { letterIds }, target: { kind: "queue", queue: "email" } } },
  ] as const;
  for (const { least, body } of asks)
    for (const [rank, role] of roles.entries())
      await as(role, async (context) => {
        const answer = await context.fetch(plan.path, { method: plan.method, headers: { origin }, data: body });
        const isAllowed = rank >= roles.indexOf(least);
        expect(answer.status() !== 403, `${role}: ${JSON.stringify(body)} gave ${answer.status()}`).toBe(isAllowed);
      });
});

test("users are an admin's to manage, also through the sign-in library's own routes", async () => {
  for (const role of roles)
    await as(role, async (context) => {
      const list = await context.get("/api/auth/admin/list-users", { headers: { origin } });
      const raise = await context.post("/api/auth/admin/set-role", {
        headers: { origin },
        data: { userId: crypto.randomUUID(), role: "admin" },
      });
      expect([200, 401, 403]).toContain(list.status());
      expect(list.status() === 200, role).toBe(role === "admin");
      if (role !== "admin") expect([401, 403]).toContain(raise.status());
    });
});

test("every page and answer carries its security headers", async () => {
  await as("nobody", async (context) => {
    const { headers } = { headers: (await context.get("/sign-in")).headers() };
    expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
    expect(headers["content-security-policy"]).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-powered-by"]).toBeUndefined();
  });
});

test("two pages never share a nonce", async () => {
  await as("nobody", async (context) => {
    const nonces = await Promise.all(
      [1, 2].map(
        async () =>
          /nonce-([^']+)/.exec((await context.get("/sign-in")).headers()["content-security-policy"] ?? "")?.[1],
      ),
    );
    expect(new Set(nonces).size).toBe(2);
  });
});

test("the live stream is open to every role and closed to strangers", async () => {
  for (const role of roles) {
    const { cookies } = JSON.parse(readFileSync(`test-results/${role}.json`, "utf8")) as {
      cookies: { name: string; value: string }[];
    };
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${origin}/api/v1/stream?channels=overview`, { headers: { cookie } });
    expect(answer.status, role).toBe(200);
    await answer.body?.cancel();
  }
  await as("nobody", async (context) => {
    expect((await context.get("/api/v1/stream?channels=overview")).status()).toBe(401);
    expect((await context.get("/api/v1/stream?channels=order:01a1fc89-14a4-750e-b3a7-dfec7d678355")).status()).toBe(
      401,
    );
  });
});
