import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkRoutes } from "./check-routes.ts";
import { root } from "./paths.ts";
import { testFolder } from "./test-folder.ts";

const folderWith = (name: string, text: string) => {
  const folder = testFolder();
  writeFileSync(join(folder, name), text);
  return folder;
};

test("a route without a declared permission is found", () => {
  expect(checkRoutes(folderWith("route.ts", "export async function GET() {}"))).toHaveLength(1);
  expect(checkRoutes(folderWith("route.ts", "export const POST = async () => new Response();"))).toHaveLength(1);
  expect(checkRoutes(folderWith("route.ts", "const get = () => {};\nexport { get as GET };"))).toHaveLength(1);
  expect(checkRoutes(folderWith("route.ts", 'export * from "./elsewhere.ts";'))).toHaveLength(1);
  expect(checkRoutes(folderWith("route.js", "export let GET = () => {};"))).toHaveLength(1);
});

test("a server action is found", () => {
  expect(checkRoutes(folderWith("act.ts", '"use server";'))).toHaveLength(1);
});

test("every route of ours declares its permission", () => {
  expect(checkRoutes(join(root, "app"))).toEqual([]);
});
