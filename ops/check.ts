import { join } from "node:path";
import { checkRoutes } from "./check-routes.ts";
import { root } from "./paths.ts";
import { findPostgres } from "./services/postgres.ts";
import { run } from "./shell.ts";

/* `npm run check`: everything that can be judged without running the product. */

const bin = (name: string) => join(root, "node_modules", ".bin", name);

const checks: [name: string, check: () => Promise<string> | string][] = [
  ["Types", () => outputOf(bin("tsc"), ["--noEmit"])],
  ["Format, lint and import arrows", () => outputOf(bin("biome"), ["check", "."])],
  ["Unused code", () => outputOf(bin("knip"), [])],
  ["Routes", () => checkRoutes(join(root, "app")).join("\n")],
  ["Schema and migrations", findDrift],
  ["Unit tests", () => outputOf(bin("vitest"), ["run", "--project", "unit"])],
];

/** What a program complains of; empty when it is content. */
function outputOf(program: string, args: string[]): string {
  const { ok, out } = run(program, args, { timeoutMs: 300_000 });
  return ok ? "" : out || "failed";
}

async function findDrift(): Promise<string> {
  const { openSchemaEngine } = await import("#server/platform/schema-engine");
  const engine = await openSchemaEngine((await findPostgres()).urlOf("postgres"));
  try {
    return await engine.drift();
  } finally {
    await engine.close();
  }
}

let failures = 0;
for (const [name, check] of checks) {
  const complaint = await check();
  console.log(`${complaint ? "FAILED" : "ok    "} ${name}`);
  if (complaint) console.log(complaint.slice(-6_000));
  failures += complaint ? 1 : 0;
}
process.exit(failures === 0 ? 0 : 1);
