import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The makers of route handlers: each demands a permission or checks the caller itself. */
const makers = ["route", "checkoutRoute", "authRoute"];
const exported = /^export\b.*$/gm;
const made = new RegExp(`^export const (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) = (${makers.join("|")})\\(`);

/** Route files that export anything but a handler from a maker, and server actions, which would go round all of them. */
export function checkRoutes(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return checkRoutes(path);
    if (!/\.[cm]?[jt]sx?$/.test(entry.name)) return [];
    const text = readFileSync(path, "utf8");
    if (/^\s*["']use server["']/m.test(text)) return [`${path}: server actions are not allowed; make a route`];
    if (!/^route\.[cm]?[jt]sx?$/.test(entry.name)) return [];
    return [...text.matchAll(exported)]
      .filter(([line]) => !made.test(line))
      .map(([line]) => `${path}: "${line}" must be made by route(), which demands its permission`);
  });
}
