import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forecast, inWords, judge, judging, lagOf, type Reading, ratesOf, slowest, worst } from "./burrow.ts";

/** Readings every 2 s, from [committed, end] each. */
const readings = (places: readonly (readonly [number, number])[]): Reading[] =>
  places.map(([committed, end], at) => ({
    atMs: 1_000_000 + at * 2_000,
    committed: BigInt(committed),
    end: BigInt(end),
  }));
/** 31 readings over a minute: where the group and the end are after n of 30 steps. */
const minute = (committed: (step: number) => number, end: (step: number) => number) =>
  readings(Array.from({ length: 31 }, (_, step) => [committed(step), end(step)] as const));
const member = "worker-1";

describe("a partition", () => {
  test.each([
    [
      "read to the end, at rest",
      "ok",
      minute(
        () => 50,
        () => 50,
      ),
      member,
    ],
    [
      "read to the end although nobody is there",
      "ok",
      minute(
        () => 50,
        () => 50,
      ),
      null,
    ],
    [
      "behind, with lag that falls",
      "ok",
      minute(
        (n) => n * 30,
        () => 2_000,
      ),
      member,
    ],
    [
      "read as it fills, with lag now and then",
      "ok",
      minute(
        (n) => n * 10,
        (n) => n * 10 + (n % 2),
      ),
      member,
    ],
    [
      "that fills faster than it is read",
      "warn",
      minute(
        (n) => n * 10,
        (n) => 100 + n * 20,
      ),
      member,
    ],
    [
      "with constant lag",
      "warn",
      minute(
        (n) => n * 10,
        (n) => n * 10 + 70,
      ),
      member,
    ],
    [
      "owned by somebody who does not move",
      "stall",
      minute(
        () => 5,
        (n) => 100 + n,
      ),
      member,
    ],
    [
      "with lag and nobody there",
      "stop",
      minute(
        () => 5,
        () => 100,
      ),
      null,
    ],
    [
      "whose commits ended longer ago than they went on",
      "stop",
      minute(
        (n) => Math.min(n, 10),
        () => 100,
      ),
      member,
    ],
    [
      "taken back and not there again",
      "rewind",
      minute(
        (n) => (n < 10 ? 500 : 100 + n),
        () => 1_000,
      ),
      member,
    ],
    [
      "taken back while it was caught up",
      "rewind",
      minute(
        (n) => (n < 20 ? 500 : n),
        () => 500,
      ),
      member,
    ],
    [
      "taken back and further on since",
      "ok",
      minute(
        (n) => (n < 10 ? 100 : n < 12 ? 50 : n * 30),
        () => 1_000,
      ),
      member,
    ],
    [
      "never committed",
      "never_committed",
      minute(
        () => -1,
        () => 10,
      ),
      member,
    ],
    [
      "never committed and empty",
      "ok",
      minute(
        () => -1,
        () => 0,
      ),
      member,
    ],
    [
      "looked at for a few seconds",
      "not_enough_data",
      readings([
        [1, 9],
        [2, 9],
        [3, 9],
      ]),
      member,
    ],
    [
      "that got its first record after a long rest",
      "ok",
      minute(
        () => 50,
        (n) => (n < 29 ? 50 : 51),
      ),
      member,
    ],
    [
      "of a topic made anew",
      "ok",
      minute(
        () => 800,
        (n) => (n < 20 ? 800 : n),
      ),
      member,
    ],
  ] as const)("%s is %s", (_, health, window, owner) => {
    expect(judge(window, owner)).toMatchObject({ health });
  });

  test("says why with its numbers", () => {
    const reason = (window: Reading[], owner: string | null = member) => judge(window, owner).reason;
    expect(
      reason(
        minute(
          (n) => n * 10,
          (n) => 100 + n * 20,
        ),
      ),
    ).toBe("Lag never fell in 60 s: from 100 to 400.");
    expect(
      reason(
        minute(
          () => 5,
          () => 4_105,
        ),
        null,
      ),
    ).toBe("Nobody reads it: no commit for at least 60 s at offset 5, lag 4,100.");
    expect(
      reason(
        minute(
          (n) => Math.min(n, 10),
          () => 100,
        ),
      ),
    ).toBe("The last commit was 40 s ago at offset 10, after 20 s with commits; lag 90.");
    expect(
      reason(
        minute(
          (n) => (n < 20 ? 500 : 100),
          () => 1_000,
        ),
      ),
    ).toMatch(/went back from 500 and is at 100/);
    expect(reason(readings([[1, 9]]))).toMatch(/^Lag 8; 1 readings over 0 s are too few/);
  });

  test("counts no record that the broker has thrown away", () => {
    expect(lagOf({ atMs: 0, committed: 5n, start: 80n, end: 100n })).toBe(20);
    expect(lagOf({ atMs: 0, committed: -1n, start: 100n, end: 100n })).toBe(0);
  });
});

const anyReadings = fc
  .array(fc.record({ gapMs: fc.nat(15_000), committed: fc.integer({ min: -1, max: 1_000 }), end: fc.nat(1_000) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list) => {
    let atMs = 0;
    return list.map(({ gapMs, committed, end }): Reading => {
      atMs += gapMs;
      return { atMs, committed: BigInt(committed), end: BigInt(end) };
    });
  });

describe("whatever was observed,", () => {
  test("lag, rates and the time left are never negative, and a reason is given", () => {
    fc.assert(
      fc.property(anyReadings, fc.constantFrom(null, member), (window, owner) => {
        expect(lagOf(window.at(-1)!) ?? 0).toBeGreaterThanOrEqual(0);
        const { produce, consume } = ratesOf(window);
        expect(produce ?? 0).toBeGreaterThanOrEqual(0);
        expect(consume ?? 0).toBeGreaterThanOrEqual(0);
        const { etaMs, isGrowing } = forecast(window);
        expect(etaMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(isGrowing && etaMs !== null).toBe(false);
        expect(judge(window, owner).reason).toMatch(/\.$/);
      }),
    );
  });

  test("who has read everything is fine", () => {
    fc.assert(
      fc.property(anyReadings, fc.constantFrom(null, member), (window, owner) => {
        const last = window.at(-1)!;
        last.committed = last.end;
        expect(judge(window, owner).health).toBe("ok");
        expect(forecast(window)).toEqual({ etaMs: 0, isGrowing: false });
      }),
    );
  });

  test("too short a window with lag is not judged", () => {
    fc.assert(
      fc.property(anyReadings, (window) => {
        const last = window.at(-1)!;
        fc.pre((lagOf(last) ?? 0) > 0 && last.atMs - window[0]!.atMs < judging.least.spanMs);
        expect(judge(window, member).health).toBe("not_enough_data");
      }),
    );
  });

  test("who reads faster than it fills is told when it ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 50 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 10_000 }),
        (read, come, left) => {
          fc.pre(come < read);
          const window = minute(
            (n) => n * read,
            (n) => 30 * (read - come) + left + n * come,
          );
          const { etaMs } = forecast(window);
          expect(etaMs! / 1_000).toBeCloseTo((left / (read - come)) * 2, 1);
        },
      ),
    );
  });

  test("readings before the window make no difference", () => {
    fc.assert(
      fc.property(anyReadings, anyReadings, (older, window) => {
        const shift = older.at(-1)!.atMs + judging.windowMs + 1;
        const later = window.map((one) => ({ ...one, atMs: one.atMs + shift }));
        const before = older.map((one) => ({ ...one, end: 0n }));
        expect(judge([...before, ...later], member)).toEqual(judge(later, member));
      }),
    );
  });
});

describe("a reader that was stopped and reads again", () => {
  // 40 s it stood while 5 came each second; now it takes 50 a second.
  const resumed = (steps: number) =>
    readings(Array.from({ length: 21 + steps }, (_, n) => [Math.max(0, n - 20) * 100, 2_000 + n * 10] as const));

  test("is told when it ends by its pace since then, not by the time in which it stood", () => {
    for (const steps of [2, 5, 10]) {
      const left = 2_000 + (20 + steps) * 10 - steps * 100;
      const { etaMs, isGrowing } = forecast(resumed(steps));
      expect(etaMs! / 1_000).toBeCloseTo(left / (50 - 5), 0);
      expect(isGrowing).toBe(false);
    }
  });

  test("counts its first batch by the time that it took", () => {
    expect(forecast(resumed(1)).etaMs! / 1_000).toBeCloseTo((2_210 - 100) / (50 - 5), 0);
  });

  test("is not taken for one that commits at long intervals", () => {
    // 400 each 16 s, over the whole minute.
    const slow = minute(
      (n) => Math.floor((n + 2) / 8) * 400,
      () => 4_000,
    );
    expect(forecast(slow).etaMs! / 1_000).toBeCloseTo(2_400 / (1_600 / 60), 0);
  });
});

test("a group is drained when its slowest partition is, and not at all when one grows", () => {
  const [quick, slow] = [
    { etaMs: 10, isGrowing: false },
    { etaMs: 900, isGrowing: false },
  ];
  expect(slowest([quick, slow])).toEqual(slow);
  expect(slowest([quick, { etaMs: null, isGrowing: true }])).toEqual({ etaMs: null, isGrowing: true });
  expect(slowest([quick, { etaMs: null, isGrowing: false }])).toEqual({ etaMs: null, isGrowing: false });
});

test("a group is as bad as its worst partition", () => {
  const verdict = (health: "ok" | "stop" | "warn", reason = "") => ({ health, reason });
  expect(worst([verdict("ok"), verdict("stop", "first"), verdict("warn"), verdict("stop", "second")])).toEqual({
    health: "stop",
    reason: "first",
  });
  expect(worst([]).health).toBe("not_enough_data");
});

test("times are told as people say them", () => {
  expect([400, 40_000, 360_000, 3 * 3_600_000, 5 * 86_400_000].map(inWords)).toEqual([
    "0 s",
    "40 s",
    "6 min",
    "3 h",
    "5 d",
  ]);
});
