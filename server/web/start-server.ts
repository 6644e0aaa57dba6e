import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { LIVE_STREAM } from "#contracts/api/live";
import { answerCheckout } from "#server/orders/checkout";
import { isApiKey } from "#server/platform/api-key";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { MAX_BODY_BYTES, tooLarge, toProblem } from "#server/platform/route";
import { callerAddress } from "./caller-address.ts";
import { readReadiness } from "./health.ts";
import { startLive } from "./live.ts";
import { createRateLimit } from "./rate-limit.ts";
import { secure } from "./security-headers.ts";
import { toHeaders } from "./to-headers.ts";

const SIGN_OUT = "/api/auth/sign-out";

/** A person with many pages open stays far below the first; a storefront in a flash sale far below the second. */
const rates = { address: { perSecond: 100, burst: 500 }, storefront: { perSecond: 10_000, burst: 20_000 } };

type NextHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type RunningServer = { port: number; stop(): Promise<void> };

/** A client that takes longer to send the head of a request is cut, ms. */
const HEADERS_TIMEOUT_MS = 10_000;

/**
 * The house's one HTTP server. Checkout and the live streams are answered here, before Next, which costs 2–6 ms of CPU a
 * request; everything else is Next's. Slow and flooding clients are cut by the limits below.
 */
export async function startServer(options: {
  port: number;
  host: string;
  next: NextHandler;
  headersTimeoutMs?: number;
}): Promise<RunningServer> {
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS } = options;
  const live = startLive();
  const limits = { address: createRateLimit(rates.address), storefront: createRateLimit(rates.storefront) };
  const limit = (request: IncomingMessage) => {
    if (isApiKey(request.headers.authorization)) limits.storefront("storefront");
    else limits.address(request.headers["x-forwarded-for"] as string);
  };
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: headersTimeoutMs,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: headersTimeoutMs / 5,
    },
    (request, response) => {
      answer(request, response, { live, limit, next: options.next }).catch((error: unknown) => refuse(response, error));
    },
  );
  server.maxHeadersCount = 100;
  server.maxConnections = 5_000;
  // No route of ours speaks another protocol: an upgrade is a probe.
  server.on("upgrade", (_, socket) => void socket.destroy());
  server.on("clientError", answerBadRequest);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = close(server);
      await live.stop();
      server.closeIdleConnections();
      await closed;
    },
  };
}

const badRequests: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * What could not be read as a request is answered, and cut. Browsers open connections ahead of need: one that asked for
 * nothing is closed without a word, because an answer that crosses its first request on the wire would be taken for that
 * request's own, while a request on a closed connection is sent again by the browser itself.
 */
function answerBadRequest({ code }: NodeJS.ErrnoException, stream: Duplex): void {
  const socket = stream as Socket;
  if (!socket.writable || socket.bytesRead === 0) return void socket.destroy();
  socket.end(`HTTP/1.1 ${badRequests[code ?? ""] ?? "400 Bad Request"}\r\nconnection: close\r\n\r\n`);
}

/** Requests under way may finish; whoever holds on longer than 2 s is cut. */
function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), 2_000);
  return new Promise((resolve) =>
    server.close(() => {
      clearTimeout(cut);
      resolve();
    }),
  );
}

type House = { live: ReturnType<typeof startLive>; limit(request: IncomingMessage): void; next: NextHandler };

async function answer(request: IncomingMessage, response: ServerResponse, { live, limit, next }: House): Promise<void> {
  const target = request.url ?? "/";
  // An absolute target asks a proxy to fetch something; this is none.
  if (!target.startsWith("/") || target.startsWith("//")) return send(response, 400, "{}");
  const path = target.split("?", 1)[0]!;
  // From here on the header says whom we take the caller for, and never what a stranger wrote into it.
  request.headers["x-forwarded-for"] = callerAddress(request, env().TRUST_PROXY);
  if (path.startsWith("/api/")) limit(request);
  if (request.method === "POST" && path === "/api/v1/orders") {
    const { status, headers, body } = await answerCheckout(toHeaders(request), () => readBody(request));
    return send(response, status, body, headers);
  }
  if (request.method === "GET" && path === LIVE_STREAM) return live.open(request, response);
  if (path === "/livez") return send(response, 200, '{"status":"ok"}');
  if (path === "/readyz") {
    const { status, body } = await readReadiness();
    return send(response, status, JSON.stringify(body));
  }
  // Switched off in next.config.mjs as well: an endpoint that fetches what it is told to has no place here.
  if (path.startsWith("/_next/image")) return send(response, 404, "{}");
  guardBody(request);
  secure(request, response);
  if (path === SIGN_OUT) response.once("finish", live.checkSessions);
  await next(request, response);
}

/** A body that goes to Next must say how long it is, and be short. @throws Problem 411, 413. */
function guardBody({ headers }: IncomingMessage): void {
  if (headers["transfer-encoding"] !== undefined)
    throw new Problem(411, "length_required", "Send the body with a Content-Length.");
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
}

/** @throws Problem 413 as soon as too much has come, declared or not. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  const type = { "content-type": "application/json", "x-content-type-options": "nosniff", "cache-control": "no-store" };
  response.writeHead(status, { ...type, "content-length": Buffer.byteLength(body), ...headers }).end(body);
}

function refuse(response: ServerResponse, error: unknown): void {
  const problem = toProblem(error);
  if (response.headersSent) return void response.destroy();
  send(response, problem.status, JSON.stringify(problem), {
    "content-type": "application/problem+json",
    ...problem.headers,
  });
}
