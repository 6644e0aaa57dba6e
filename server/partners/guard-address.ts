import ipaddr from "ipaddr.js";

/** The address is not one of the public internet; the text names neither host nor address. */
export class AddressRefused extends Error {
  override name = "AddressRefused";
}

/** Ranges whose traffic leaves for the public internet. Everything else is somebody's inside. */
const PUBLIC = "unicast";

/**
 * True where an IP address is public. IPv4 in IPv6 clothes (mapped, NAT64, 6to4) is judged by neither form but refused:
 * no partner needs it, and each has been a way around a guard.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return ipaddr.parse(text).range() === PUBLIC;
}

const isLoopback = (text: string) => ipaddr.isValid(text) && ipaddr.process(text).range() === "loopback";

/** @throws AddressRefused unless the address is public, or loopback where that is allowed (the demo and the tests). */
export function guardAddress(text: string, { allowLoopback }: { allowLoopback: boolean }): void {
  if (isPublicAddress(text) || (allowLoopback && isLoopback(text))) return;
  throw new AddressRefused("the endpoint's address is not on the public internet");
}

/**
 * Checks what can be checked before any look-up: scheme, port, credentials, and a host that is itself an address. The URL
 * parser has already turned `0x7f.1` and `2130706433` into `127.0.0.1`.
 * @throws AddressRefused with a sentence for the operator.
 */
export function guardUrl(text: string, { allowLoopback }: { allowLoopback: boolean }): URL {
  const url = URL.parse(text);
  if (!url) throw new AddressRefused("the endpoint's URL is not a URL");
  const isPlainAllowed = allowLoopback && url.protocol === "http:";
  if (url.protocol !== "https:" && !isPlainAllowed)
    throw new AddressRefused("the endpoint's URL must start with https://");
  if (url.username || url.password)
    throw new AddressRefused("the endpoint's URL must not hold a user name or password");
  if (url.port !== "" && url.port !== "443" && !allowLoopback)
    throw new AddressRefused("the endpoint's port must be 443");
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (ipaddr.isValid(host)) guardAddress(host, { allowLoopback });
  else if (host === "localhost" || host.endsWith(".localhost") || !host.includes(".")) {
    if (!allowLoopback) throw new AddressRefused("the endpoint's host is not on the public internet");
  }
  return url;
}
