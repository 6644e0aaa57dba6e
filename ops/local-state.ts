import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "./paths.ts";

const file = join(state, "local.json");

type Secrets = Record<string, string>;

/** 64 hexadecimal digits: a secret that begins with a dash is an option to the commands it is handed to (rabbitmqctl). */
export const newSecret = (): string => randomBytes(32).toString("hex");

/** A secret of this machine, made at its first use and kept in a file that only its owner can read. */
export function localSecret(name: string): string {
  const secrets: Secrets = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Secrets) : {};
  const known = secrets[name];
  if (known) return known;
  const made = newSecret();
  mkdirSync(state, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...secrets, [name]: made }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return made;
}
