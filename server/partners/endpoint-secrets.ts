import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { env } from "#server/platform/env";

const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = "whsec_";

/** A new signing secret in the form of Standard Webhooks. It is shown once. */
export const newEndpointSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString("base64");

/** A secret as it lies in the database: AES-256-GCM, iv + tag + text. */
export function sealSecret(secret: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key(), iv);
  const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

/** @throws when AUTH_SECRET is not the one it was sealed with, or a byte was changed. */
export function openSecret(sealed: Buffer): string {
  const decipher = createDecipheriv("aes-256-gcm", key(), sealed.subarray(0, IV_BYTES));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}

const key = () => Buffer.from(hkdfSync("sha256", env().AUTH_SECRET, "order-pipeline", "webhook endpoint secrets", 32));
