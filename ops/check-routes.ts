import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The makers of route handlers: each demands a permission or checks the caller itself. */
const makers = ["route", "checkoutRoute", "authRoute"];
const method = /^export (?:const|async function|function) (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b(.*)$/gm;
const made = new RegExp(`^ = (${makers.join("|")})\\(`);

/** Route files with a handler that did not come from a maker, and server actions, which would go round all of them. */
export function checkRoutes(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return checkRoutes(path);
    if (!/\.tsx?$/.test(entry.name)) return [];
    const text = readFileSync(path, "utf8");
    if (/^\s*["']use server["']/m.test(text)) return [`${path}: server actions are not allowed; make a route`];
    if (entry.name !== "route.ts") return [];
    return [...text.matchAll(method)]
      .filter(([, , rest]) => !made.test(rest ?? ""))
      .map(([, name]) => `${path}: ${name} must be made by route(), which demands its permission`);
  });
}
