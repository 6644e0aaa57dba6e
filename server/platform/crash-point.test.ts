import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "#ops/paths";
import { crashPoints } from "./crash-point.ts";

const rooms = ["server", "workers"].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((path) => join(root, room, path)),
);
const textOf = (files: readonly string[]) => files.map((file) => readFileSync(file, "utf8")).join("\n");
const isTest = (path: string) => path.endsWith(".live.test.ts");
const code = rooms.filter((path) => path.endsWith(".ts") && !path.includes(".test.") && !path.includes("generated"));

test("B1: there are at least 10 crash points", () => {
  expect(crashPoints.length).toBeGreaterThanOrEqual(10);
});

test.each(crashPoints)("B1: %s is a place in the code, and a test kills a process there", (point) => {
  expect(textOf(code)).toContain(`rashPoint("${point}")`);
  expect(textOf(rooms.filter(isTest))).toContain(`"${point}"`);
});
