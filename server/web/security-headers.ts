import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Puts the security headers on an answer, and the nonce of its scripts on the request: Next reads the policy from there
 * and stamps its own scripts, pages read `x-nonce`. What a client sends under these names is overwritten.
 *
 * Style attributes are allowed, because the components set them; style elements and scripts need the nonce.
 */
export function secure(request: IncomingMessage, response: ServerResponse): void {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src-elem 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    // The holder of the live stream is a script of ours, from our own origin, never from a blob.
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  request.headers["x-nonce"] = nonce;
  request.headers["content-security-policy"] = policy;
  delete request.headers["x-middleware-subrequest"];
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("permissions-policy", "camera=(), microphone=(), geolocation=()");
}
