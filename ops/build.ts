import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkRoutes } from "./check-routes.ts";
import { root } from "./paths.ts";

const sources = ["app", "server", "next.config.mjs", "package-lock.json", "tsconfig.json"];
const stamp = join(root, ".next", "sources.sha256");

/** Builds the pages when their sources are not the ones of the last build. @throws with the build's own words. */
export function buildPages(): "built" | "up to date" {
  const hash = hashOf(sources);
  if (existsSync(join(root, ".next", "BUILD_ID")) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash)
    return "up to date";
  const undeclared = checkRoutes(join(root, "app"));
  if (undeclared.length > 0) throw new Error(`the build is refused:\n${undeclared.join("\n")}`);
  const built = spawnSync(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (built.status !== 0) throw new Error(`next build failed:\n${built.stdout}\n${built.stderr}`);
  writeFileSync(stamp, hash);
  return "built";
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) addTo(hash, path);
  return hash.digest("hex");
}

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  if (path.endsWith("generated") || /\.test\.tsx?$/.test(path)) return;
  const full = join(root, path);
  if (statSync(full).isDirectory()) for (const name of readdirSync(full).sort()) addTo(hash, join(path, name));
  else hash.update(path).update(readFileSync(full));
}
