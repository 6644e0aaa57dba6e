import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Permission } from "#contracts/permissions";
import { isApiKey } from "./api-key.ts";
import { auditDenied } from "./audit.ts";
import { allowedOrigins, findViewer, type Viewer, viewerMay } from "./auth.ts";
import { log } from "./log.ts";
import { masked, seesPersonalData } from "./personal-data.ts";
import { Problem } from "./problem.ts";

/** What a handler gets: checked input and who asks. `viewer` is null for the storefront's key and on public routes. */
export type Asked<Body, Params, Query> = {
  body: Body;
  params: Params;
  query: Query;
  viewer: Viewer | null;
  request: Request;
};

export type RouteDefinition<Body, Params, Query, Reply> = {
  /** Who may; `public` must be said. */
  permission: Permission | "public";
  /** The storefront's key is enough. */
  allowsApiKey?: boolean;
  accepts?: z.ZodType<Body>;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  /** `bytes` = the handler makes its own Response, e.g. a PDF, and masks what is personal in it or demands `personal-data:read`. */
  replies: z.ZodType<Reply> | "bytes";
  status?: number;
  handle(asked: Asked<Body, Params, Query>): Promise<Reply | Response>;
};

type NextHandler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** What a made route says of itself, for the description of the API. */
export type DescribedRoute = NextHandler & {
  readonly described: Pick<
    RouteDefinition<unknown, unknown, unknown, unknown>,
    "permission" | "allowsApiKey" | "accepts" | "params" | "query" | "replies" | "status"
  >;
};

/** No body of ours is larger, bytes; whoever reads one stops there. */
export const MAX_BODY_BYTES = 262_144;

/**
 * Makes a route handler. Nothing gets past it that was not declared: permission, input and output are part of the
 * definition, the check of the caller comes first, what is personal is masked for whoever may not see it, and every
 * refusal and every accident is problem+json.
 */
export function route<Body = undefined, Params = undefined, Query = undefined, Reply = unknown>(
  definition: RouteDefinition<Body, Params, Query, Reply>,
): DescribedRoute {
  const handler: NextHandler = async (request, context) => {
    try {
      const viewer = await guard(request, definition);
      const url = new URL(request.url);
      const body = definition.accepts ? parse(definition.accepts, await readJson(request), "body") : undefined;
      const params = definition.params ? parse(definition.params, await context.params, "params") : undefined;
      const query = definition.query
        ? parse(definition.query, guardShape(Object.fromEntries(url.searchParams)), "query")
        : undefined;
      const reply = await definition.handle({ body, params, query, viewer, request } as Asked<Body, Params, Query>);
      if (reply instanceof Response) return reply;
      const { replies } = definition;
      const known = replies === "bytes" ? reply : replies.parse(reply);
      const seesAll = viewer ? seesPersonalData(viewer) : definition.allowsApiKey;
      const shown = seesAll || replies === "bytes" ? known : masked(replies, known as Reply);
      return Response.json(shown, { status: definition.status ?? 200, headers: { "cache-control": "no-store" } });
    } catch (error) {
      return toResponse(error);
    }
  };
  return Object.assign(handler, { described: definition as DescribedRoute["described"] });
}

/** @throws Problem 401 or 403. */
async function guard(
  request: Request,
  {
    permission,
    allowsApiKey = false,
  }: Pick<RouteDefinition<never, never, never, never>, "permission" | "allowsApiKey">,
): Promise<Viewer | null> {
  if (permission === "public") return null;
  if (allowsApiKey && isApiKey(request.headers.get("authorization"))) return null;
  const viewer = await findViewer(request.headers);
  if (!viewer) throw new Problem(401, "not_signed_in", "Sign in first.");
  const isChange = request.method !== "GET" && request.method !== "HEAD";
  if (!viewerMay(viewer, permission)) {
    if (isChange) await noteDenied(request, viewer, permission);
    throw new Problem(403, "not_allowed", `Your role, ${viewer.role}, may not do this.`);
  }
  if (isChange) guardOrigin(request.headers);
  // Also where no body is read: what a form of another page could send is never an act.
  const contentType = request.headers.get("content-type");
  if (isChange && contentType !== null) requireJson(contentType);
  return viewer;
}

/** What somebody tried and may not do stands in the audit like what was done. */
export const noteDenied = (request: Request, viewer: Viewer, permission: Permission): Promise<void> =>
  auditDenied({
    operationId: randomUUID(),
    actor: { name: viewer.email, role: viewer.role },
    action: permission,
    subject: `request:${request.method} ${new URL(request.url).pathname}`,
  });

/**
 * @throws Problem 403, noted in the audit, where a route's own permission is not enough for what is asked.
 */
export async function demand(request: Request, viewer: Viewer | null, permission: Permission): Promise<void> {
  if (viewerMay(viewer, permission)) return;
  if (viewer) await noteDenied(request, viewer, permission);
  throw new Problem(403, "not_allowed", `Your role, ${viewer?.role ?? "none"}, may not do this.`);
}

/**
 * A change by somebody with a cookie must come from one of our own pages: no Origin, a `null` one and a foreign one are
 * all refused. @throws Problem 403.
 */
export function guardOrigin(headers: Headers): void {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (!origin || !allowedOrigins().has(origin) || (site !== null && site !== "same-origin"))
    throw new Problem(403, "foreign_origin", "This request does not come from our own pages.");
}

async function readJson(request: Request): Promise<unknown> {
  requireJson(request.headers.get("content-type"));
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const bytes = Buffer.from(await request.arrayBuffer());
  return parseJson(bytes);
}

/** @throws Problem 415. */
export function requireJson(contentType: string | null | undefined): void {
  if (contentType?.split(";")[0]?.trim().toLowerCase() !== "application/json")
    throw new Problem(415, "not_json", "Send the body as application/json.");
}

export const tooLarge = () => new Problem(413, "body_too_large", `The body may have ${MAX_BODY_BYTES} bytes at most.`);

const MAX_DEPTH = 32;

/** @throws Problem 400 for what is not JSON, too deep, names an object's prototype or can't be stored; 413 for what is too long. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, "json_malformed", "The body is not JSON in UTF-8.");
  }
  return guardShape(value);
}

/** PostgreSQL's texts hold neither NUL nor half a surrogate pair. @throws Problem 400. */
function guardShape(value: unknown, depth = 0): unknown {
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed()))
    throw new Problem(400, "text_not_valid", "A text holds a character that can't be stored.");
  if (depth > MAX_DEPTH) throw new Problem(400, "json_too_deep", `The body is nested deeper than ${MAX_DEPTH}.`);
  if (typeof value !== "object" || value === null) return value;
  for (const key of Object.keys(value)) {
    if (key === "__proto__" || key === "constructor" || key === "prototype")
      throw new Problem(400, "key_not_allowed", `A field may not be called ${key}.`);
    guardShape((value as Record<string, unknown>)[key], depth + 1);
  }
  return value;
}

/** @throws Problem 422 (body) or 400 (path and query), naming each field and what is wrong with it. */
export function parse<Value>(schema: z.ZodType<Value>, input: unknown, part: "body" | "params" | "query"): Value {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join("."), message }));
  const detail = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
  throw new Problem(part === "body" ? 422 : 400, part === "body" ? "body_not_valid" : `${part}_not_valid`, detail, {
    more: { errors },
  });
}

/** A refusal as it is; anything else is our accident, told by its correlation id only. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const correlationId = randomUUID();
  log().error({ correlationId, error: (error as Error)?.message, stack: (error as Error)?.stack }, "a request failed");
  return new Problem(500, "internal_error", "Something went wrong on our side.", { more: { correlationId } });
}

function toResponse(error: unknown): Response {
  const problem = toProblem(error);
  return Response.json(problem, {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...problem.headers },
  });
}
