import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { LetterFilter, LetterRow } from "#contracts/api/dead-letters";
import { type DownloadFormat, download } from "#server/platform/download";
import { testDatabase } from "#server/platform/test-database";
import { exportLetters } from "./export-letters.ts";
import { plantedGroupId, plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

const evil = '=HYPERLINK("http://evil.example", "open, me")\r\nnext';
const TOTAL = 100_000;

beforeAll(async () => {
  const orders = await plantOrders(100);
  await plantLetters(3, (index) => ({ orderId: orders[index], group: "few", errorMessage: index ? "plain" : evil }));
  await plantLetters(TOTAL, (index) => ({ orderId: orders[index % 100], group: "many" }));
}, 120_000);

const exported = (query: Record<string, unknown>, format: DownloadFormat) =>
  download(
    exportLetters({ filter: LetterFilter.parse(query) }, format, (row) => row, { inTexts: true }),
    "letters",
    format,
  );
const textOf = (query: Record<string, unknown>, format: DownloadFormat) => exported(query, format).text();

test("as JSON, every letter is a row as the list shows it", async () => {
  const rows = LetterRow.array().parse(JSON.parse(await textOf({ groupId: plantedGroupId("few") }, "json")));
  expect(rows.map(({ errorMessage }) => errorMessage).sort()).toEqual([evil, "plain", "plain"].sort());
  expect(JSON.parse(await textOf({ search: "nothing like this" }, "json"))).toEqual([]);
});

test("as CSV, a text that a spreadsheet would run is made harmless, and quotes and line ends survive", async () => {
  const text = await textOf({ groupId: plantedGroupId("few") }, "csv");
  expect(text).toMatch(/^id,groupId,status,.*,diedAt\r\n/);
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"", ""open, me"")\r\nnext"`);
  expect(await textOf({ search: "nothing like this" }, "csv")).toMatch(/^id,[^\r\n]*\r\n$/);
});

test("of chosen letters exactly these are written, newest death first; one that is gone is left out", async () => {
  const ids = await plantLetters(3, (index) => ({ group: "chosen", diedAt: new Date(Date.now() - index * 60_000) }));
  const letterIds = [ids[2]!, randomUUID(), ids[0]!];
  const text = await download(
    exportLetters({ letterIds }, "json", (row) => row, { inTexts: true }),
    "chosen",
    "json",
  ).text();
  expect(
    LetterRow.array()
      .parse(JSON.parse(text))
      .map(({ id }) => id),
  ).toEqual([ids[0], ids[2]]);
});

test("100,000 letters are written as a stream of small parts, each letter once", async () => {
  const began = performance.now();
  const ids = new Set<string>();
  let largest = 0;
  let bytes = 0;
  for await (const part of exported({ groupId: plantedGroupId("many") }, "csv").body!) {
    largest = Math.max(largest, part.length);
    bytes += part.length;
    for (const line of Buffer.from(part).toString().split("\r\n")) ids.add(line.slice(0, 36));
  }
  console.log(
    `export of 100,000: ${(performance.now() - began).toFixed(0)} ms, ${(bytes / 1e6).toFixed(1)} MB, largest part ${(largest / 1e3).toFixed(0)} kB`,
  );
  // The headings and the empty end of each part.
  expect(ids.size).toBe(TOTAL + 2);
  expect(largest).toBeLessThan(1_000_000);
});

test("who stops reading stops the export", async () => {
  const reader = exported({}, "json").body!.getReader();
  await reader.read();
  await reader.cancel();
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});
