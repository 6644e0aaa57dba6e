import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DescribedRoute } from "#server/platform/route";
import { root } from "./paths.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const api = join(root, "app/api/v1");

/**
 * The API as OpenAPI 3.1, read from the routes themselves: what a route accepts, answers and demands is what it checks.
 * Routes answered before Next (the checkout) have no description of their own and are left out.
 */
export async function describeApi(): Promise<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { path, method, described } of await describedRoutes())
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(path, method, described) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Order pipeline operations",
      version: "1",
      description:
        "Errors are problem+json (RFC 9457) with a `code`. A change made with an Idempotency-Key takes effect once: a repeat gets the first one's answer, another body under the same key is refused with 422.",
    },
    paths,
  };
}

type Described = { path: string; method: string; handler: DescribedRoute; described: DescribedRoute["described"] };

/** Every route that says what it is, by path. */
export async function describedRoutes(): Promise<Described[]> {
  const found: Described[] = [];
  for (const folder of routeFolders(api).sort()) {
    const routes = (await import(join(folder, "route.ts"))) as Record<string, Partial<DescribedRoute>>;
    const path = `/api/v1${folder.slice(api.length)}`.replaceAll(/\[(\w+)\]/g, "{$1}");
    for (const method of methods) {
      const handler = routes[method] as DescribedRoute | undefined;
      if (handler?.described) found.push({ path, method, handler, described: handler.described });
    }
  }
  return found;
}

function routeFolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return routeFolders(join(folder, entry.name));
    return entry.name === "route.ts" ? [folder] : [];
  });
}

function operation(path: string, method: string, described: DescribedRoute["described"]) {
  const { permission, accepts, query, replies, status = 200 } = described;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter("path", name!, { type: "string" }, true));
  const asked = query ? (schemaOf(query, "input") as { properties?: Record<string, object>; required?: string[] }) : {};
  const inQuery = Object.entries(asked.properties ?? {}).map(([name, schema]) =>
    parameter("query", name, schema, asked.required?.includes(name) ?? false),
  );
  const inHeader = method === "GET" ? [] : [parameter("header", "Idempotency-Key", { type: "string" }, false)];
  return {
    "x-permission": permission,
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(accepts && { requestBody: { required: true, content: json(schemaOf(accepts, "input")) } }),
    responses: {
      [status]: { description: "Done", ...(replies !== "bytes" && { content: json(schemaOf(replies, "output")) }) },
      default: { description: "A problem", content: { "application/problem+json": { schema: { type: "object" } } } },
    },
  };
}

const parameter = (place: string, name: string, schema: object, required: boolean) => ({
  name,
  in: place,
  required,
  schema,
});
const json = (schema: unknown) => ({ "application/json": { schema } });

function schemaOf(schema: z.ZodType, io: "input" | "output") {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return described;
}
