import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.ts";

/** Puts `.env` under the environment, for those who keep their settings there: what is set already stays. */
export function loadEnvFile(): void {
  const file = join(root, ".env");
  if (existsSync(file)) process.loadEnvFile(file);
}
