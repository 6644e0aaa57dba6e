import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "./env.ts";

const hash = (text: string) => createHash("sha256").update(text).digest();

/** True where an Authorization header holds the storefront's key. Takes the same time for every wrong one. */
export function isApiKey(authorization: string | null | undefined): boolean {
  if (!authorization?.startsWith("Bearer ")) return false;
  return timingSafeEqual(hash(authorization.slice("Bearer ".length)), hash(env().CHECKOUT_API_KEY));
}
