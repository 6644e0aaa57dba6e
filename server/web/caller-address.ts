import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Where a request comes from. Each proxy adds the address it was called from at the right end of X-Forwarded-For, so with
 * `hops` proxies of ours the caller stands `hops` places from there; what stands further left anybody may have written.
 * Whoever came round a proxy counts as the one who connected to us.
 */
export function callerAddress({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">, hops: number): string {
  const connected = socket.remoteAddress ?? "";
  if (hops === 0) return connected;
  const told = [headers["x-forwarded-for"] ?? ""].flat().join(",").split(",");
  const address = told.at(-hops)?.trim().replace(withPort, "$<v6>$<v4>") ?? "";
  return isIP(address) === 0 ? connected : address;
}

/** `[2001:db8::1]:443`, `192.0.2.1:443`: some proxies add the port. */
const withPort = /^(?:\[(?<v6>[^\]]+)\](?::\d+)?|(?<v4>[\d.]+):\d+)$/;
