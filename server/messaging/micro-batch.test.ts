import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { microBatch } from "./micro-batch.ts";

/** A `run` whose batches stay open until the test lets them go. */
function gated() {
  const batches: { items: number[]; open(): void; fail(error: Error): void }[] = [];
  const run = (items: number[]) =>
    new Promise<number[]>((resolve, reject) => {
      batches.push({ items, open: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  return { batches, run };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a micro batch", () => {
  it("starts at once when nothing is running", async () => {
    const { batches, run } = gated();
    const call = microBatch({ run, maxItems: 10, maxConcurrent: 1 });
    const one = call(1);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
    batches[0]!.open();
    expect(await one).toBe(10);
  });

  it("takes as many as fit by their size, and at least one", async () => {
    const { batches, run } = gated();
    const call = microBatch({ run, maxItems: 5, sizeOf: (item) => item, maxConcurrent: 10 });
    const calls = [2, 3, 1, 9, 4].map(call);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[2, 3], [1], [9], [4]]);
    for (const batch of batches) batch.open();
    expect(await Promise.all(calls)).toEqual([20, 30, 10, 90, 40]);
  });

  it("gathers those who call while it is busy, in their order and no more than allowed", async () => {
    const { batches, run } = gated();
    const call = microBatch({ run, maxItems: 3, maxConcurrent: 1 });
    const first = call(0);
    await turn();
    const rest = [1, 2, 3, 4].map(call);
    await turn();
    expect(batches).toHaveLength(1);
    batches[0]!.open();
    await first;
    await turn();
    expect(batches[1]!.items).toEqual([1, 2, 3]);
    batches[1]!.open();
    await turn();
    expect(batches[2]!.items).toEqual([4]);
    batches[2]!.open();
    expect(await Promise.all(rest)).toEqual([10, 20, 30, 40]);
  });

  it("waits for company where it may linger, and starts no run of its own for each", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { batches, run } = gated();
    const call = microBatch({ run, maxItems: 3, maxConcurrent: 2, lingerMs: 20 });
    const calls = [call(1), call(2)];
    await vi.advanceTimersByTimeAsync(19);
    expect(batches).toEqual([]);
    calls.push(call(3), call(4));
    await vi.advanceTimersByTimeAsync(1);
    expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3], [4]]);
    for (const batch of batches) batch.open();
    expect(await Promise.all(calls)).toEqual([10, 20, 30, 40]);
  });

  it("runs as many batches side by side as allowed", async () => {
    const { batches, run } = gated();
    const call = microBatch({ run, maxItems: 1, maxConcurrent: 2 });
    const calls = [1, 2, 3].map(call);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
    batches[1]!.open();
    await turn();
    expect(batches).toHaveLength(3);
    for (const batch of batches) batch.open();
    expect(await Promise.all(calls)).toEqual([10, 20, 30]);
  });

  it("refuses a caller who finds the queue full, and takes callers again when there is room", async () => {
    const { batches, run } = gated();
    const tooMany = () => new Error("try again later");
    const call = microBatch({ run, maxItems: 1, maxConcurrent: 1, maxQueued: 1, tooMany });
    const first = call(1);
    await turn();
    const second = call(2);
    await expect(call(3)).rejects.toThrow("try again later");
    batches[0]!.open();
    await first;
    await turn();
    const fourth = call(4);
    batches[1]!.open();
    await turn();
    batches[2]!.open();
    expect(await Promise.all([second, fourth])).toEqual([20, 40]);
  });

  it("fails all callers of a failed batch when it may not fall back", async () => {
    const call = microBatch({ run: () => Promise.reject(new Error("down")), maxItems: 9, maxConcurrent: 1 });
    const settled = await Promise.allSettled([call(1), call(2)]);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("lets a run that throws before its first await fail only its callers", async () => {
    const run = () => {
      throw new Error("thrown at once");
    };
    const call = microBatch({ run, maxItems: 1, maxConcurrent: 1 });
    await expect(call(1)).rejects.toThrow("thrown at once");
    await expect(call(2)).rejects.toThrow("thrown at once");
  });

  it("tells callers when a run answers with too few results, instead of leaving them waiting", async () => {
    const call = microBatch({ run: async () => [], maxItems: 9, maxConcurrent: 1 });
    await expect(call(1)).rejects.toThrow("1 items gave 0 results");
  });

  it("gives every caller its own result or its own error, whatever comes and whichever items are bad", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ bad: fc.boolean(), pause: fc.boolean() }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, items, maxItems, maxConcurrent) => {
          let running = 0;
          let most = 0;
          let largest = 0;
          const effects = new Map<number, number>();
          const call = microBatch<number, string>({
            maxItems,
            maxConcurrent,
            fallBack: true,
            run: async (batch) => {
              most = Math.max(most, ++running);
              largest = Math.max(largest, batch.length);
              await scheduler.schedule(Promise.resolve());
              running -= 1;
              const bad = batch.find((item) => items[item]!.bad);
              if (bad !== undefined) throw new Error(`bad ${bad}`);
              for (const item of batch) effects.set(item, (effects.get(item) ?? 0) + 1);
              return batch.map((item) => `done ${item}`);
            },
          });
          const calls: Promise<string>[] = [];
          for (const [at, { pause }] of items.entries()) {
            calls.push(call(at).catch((error: Error) => error.message));
            if (pause) await Promise.resolve();
          }
          await scheduler.waitFor(Promise.all(calls));
          expect(await Promise.all(calls)).toEqual(items.map(({ bad }, at) => `${bad ? "bad" : "done"} ${at}`));
          // All-or-nothing runs: a good item takes effect once even when its batch was repeated.
          expect([...effects.values()].every((times) => times === 1)).toBe(true);
          expect(most).toBeLessThanOrEqual(maxConcurrent);
          expect(largest).toBeLessThanOrEqual(maxItems);
        },
      ),
      { numRuns: 200 },
    );
  });
});
