import fc from "fast-check";
import { expect, test } from "vitest";
import { createChannel } from "./live-channel.ts";

type Row = { id: string; version: number };

let last = 0;
const sequence = () => ({ epoch: "e1", next: () => ++last });

const rowsOf = (bytes: Buffer) => JSON.parse(/^data: (.*)$/m.exec(bytes.toString())![1]!) as Row[];
const kindOf = (bytes: Buffer) => /^event: (.*)$/m.exec(bytes.toString())![1]!;

const rowChannel = (read: () => Promise<Row[]> = async () => []) =>
  createChannel("orders", { read, rowId: (row: unknown) => (row as Row).id }, sequence());

test("who is behind gets all rows that changed meanwhile, each once and as it is now", async () => {
  const channel = rowChannel();
  const { seq } = await channel.snapshot();
  channel.change([{ id: "a", version: 1 }]);
  channel.change([
    { id: "b", version: 1 },
    { id: "a", version: 2 },
  ]);
  expect(rowsOf(channel.since(seq)!.bytes)).toEqual([
    { id: "b", version: 1 },
    { id: "a", version: 2 },
  ]);
});

test("readers who are equally far get the very same bytes", async () => {
  const channel = rowChannel();
  const { seq } = await channel.snapshot();
  channel.change([{ id: "a", version: 1 }]);
  expect(channel.since(seq)!.bytes).toBe(channel.since(seq)!.bytes);
});

test("who misses more rows than are remembered needs a snapshot; who misses fewer does not", async () => {
  const channel = rowChannel();
  const { seq } = await channel.snapshot();
  channel.change([{ id: "first", version: 1 }]);
  const afterFirst = channel.since(seq)!.seq;
  channel.change(Array.from({ length: 999 }, (_, index) => ({ id: String(index), version: 1 })));
  expect(rowsOf(channel.since(seq)!.bytes)).toHaveLength(1_000);
  channel.change([{ id: "one too many", version: 1 }]);
  expect(channel.since(seq)).toBeNull();
  expect(rowsOf(channel.since(afterFirst)!.bytes)).toHaveLength(1_000);
});

test("a snapshot that was being read while rows changed is followed by these rows", async () => {
  let finish = (_: Row[]): void => {};
  const channel = rowChannel(() => new Promise((resolve) => (finish = resolve)));
  const snapshot = channel.snapshot();
  channel.change([{ id: "a", version: 2 }]);
  finish([{ id: "a", version: 1 }]);
  expect(rowsOf(channel.since((await snapshot).seq)!.bytes)).toEqual([{ id: "a", version: 2 }]);
});

test("a number that the channel never gave, or gave before it forgot, needs a snapshot", async () => {
  const channel = rowChannel();
  const { seq } = await channel.snapshot();
  expect(channel.since(seq + 1_000)).toBeNull();
  expect(channel.since(0)).toBeNull();
  channel.forget();
  expect(channel.since(seq)).toBeNull();
});

test("whatever a reader took and missed, in the end it shows what the channel holds", () => {
  const id = fc.constantFrom("a", "b", "c", "d");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(id, { maxLength: 3 }), fc.boolean())), (steps) => {
      const channel = rowChannel();
      channel.change([{ id: "a", version: 0 }]);
      const truth = new Map<string, number>();
      const shown = new Map<string, number>();
      let seq = last;
      const take = () => {
        const frame = channel.since(seq);
        if (!frame) return;
        for (const row of rowsOf(frame.bytes)) shown.set(row.id, row.version);
        seq = frame.seq;
      };
      steps.forEach(([ids, isTaken], version) => {
        channel.change(ids.map((one) => ({ id: one, version })));
        for (const one of ids) truth.set(one, version);
        if (isTaken) take();
      });
      take();
      expect(shown).toEqual(truth);
    }),
  );
});

test("the newest state replaces the ones before it; the same state says so in a few bytes", async () => {
  const channel = createChannel("overview", { read: async () => ({ count: 1 }) }, sequence());
  const first = await channel.snapshot();
  expect(kindOf(channel.put({ count: 1 })!.bytes)).toBe("same");
  expect(channel.since(first.seq)).toBeUndefined();
  channel.put({ count: 2 });
  expect(channel.put({ count: 3 })).toBeUndefined();
  const missing = channel.since(first.seq)!;
  expect(kindOf(missing.bytes)).toBe("snapshot");
  expect(missing.bytes.toString()).toContain('{"count":3}');
});

test("many who begin at the same time cost one reading", async () => {
  let readings = 0;
  for (const rowId of [undefined, (row: unknown) => String(row)]) {
    readings = 0;
    const read = async () => {
      readings += 1;
      return [];
    };
    const channel = createChannel("orders", { read, rowId }, sequence());
    await Promise.all(Array.from({ length: 100 }, () => channel.snapshot()));
    expect(readings).toBe(1);
  }
});
