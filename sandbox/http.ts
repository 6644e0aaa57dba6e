import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One request as a handler sees it. `params` come from the pattern, `body` is parsed JSON or a form. */
export type Call = {
  request: IncomingMessage;
  url: URL;
  params: Record<string, string>;
  raw: Buffer;
  body: Record<string, unknown>;
};

export type Answer = {
  status: number;
  /** An object is sent as JSON, a string as HTML, bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
};

/** `destroy` cuts the connection without an answer. */
export type Handler = (call: Call) => Promise<Answer | "destroy"> | Answer | "destroy";

export type Routes = Record<`${string} /${string}`, Handler>;

const MAX_BYTES = 1_048_576;

/** A problem+json answer. */
export const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `/problems/${code}`, status, code, detail },
  headers: { "content-type": "application/problem+json" },
});

/** A server for a table of `METHOD /path/:param` routes, on this machine's loopback address only. */
export function serve(routes: Routes): Server {
  const table = Object.entries(routes).map(([route, handler]) => {
    const [method, path] = route.split(" ") as [string, string];
    const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
    return { method, pattern, handler };
  });
  return createServer({ keepAliveTimeout: 30_000 }, async (request, response) => {
    try {
      const url = new URL(request.url ?? "/", "http://sandbox");
      const route = table.find((one) => one.method === request.method && one.pattern.test(url.pathname));
      if (!route) return send(response, problem(404, "not_found", `${request.method} ${url.pathname} is not here`));
      const raw = await readBody(request);
      const params = { ...route.pattern.exec(url.pathname)?.groups };
      send(response, await route.handler({ request, url, params, raw, body: parseBody(request, raw) }));
    } catch (error) {
      send(response, problem(400, "bad_request", (error as Error).message));
    }
  });
}

function send(response: ServerResponse, answer: Answer | "destroy"): void {
  if (answer === "destroy") return void response.socket?.destroy();
  const { status, body, headers } = answer;
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? {}));
  const type = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, "content-length": bytes.length, ...headers }).end(bytes);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error("the body is larger than 1 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseBody(request: IncomingMessage, raw: Buffer): Record<string, unknown> {
  const type = request.headers["content-type"] ?? "";
  if (raw.length === 0) return {};
  if (type.includes("json")) return JSON.parse(raw.toString()) as Record<string, unknown>;
  if (type.includes("form")) return Object.fromEntries(new URLSearchParams(raw.toString()));
  return {};
}
