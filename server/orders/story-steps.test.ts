import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { storySteps } from "./story-steps.ts";
import { ago, eventIdOf, purge, storyEvent, storyFacts, storyLetter } from "./test-story-facts.ts";

const placed = storyEvent(1, "order.placed");
const paid = storyEvent(2, "payment.captured");
const titles = (facts: Parameters<typeof storySteps>[0]) => storySteps(facts).map(({ title }) => title);

describe("the story of an order", () => {
  test("goes from checkout over Kafka to each worker, with what each waited", () => {
    const facts = storyFacts({ done: [`charge-payment/${eventIdOf(1)}`] });
    expect(storySteps(facts).map(({ place, status }) => `${place} ${status}`)).toEqual([
      "checkout done",
      "outbox done",
      "kafka done",
      "worker waiting",
      "worker waiting",
      "worker waiting",
      "worker done",
    ]);
    expect(storySteps(facts).at(-1)).toMatchObject({
      title: "charge-payment handled it",
      href: "/consumers/charge-payment",
    });
  });

  test("never shows what follows from an event before it, although clocks of two machines differ", () => {
    const behind = storyEvent(2, "payment.captured", { occurredAt: ago(180_000), sentAt: ago(170_000) });
    const order = titles(storyFacts({ events: [placed, behind] }));
    expect(order.indexOf("Order placed")).toBeLessThan(order.indexOf("Payment captured"));
    const gaps = storySteps(storyFacts({ events: [placed, behind] })).map(({ gapMs }) => gapMs);
    expect(gaps[0]).toBeNull();
    for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(0);
  });

  test("is the same however the events were handled, first to last or the other way round", () => {
    const ids = [1, 2].flatMap((seq) => ["project-orders", "dispatch-tasks"].map((one) => `${one}/${eventIdOf(seq)}`));
    const told = storySteps(storyFacts({ events: [placed, paid], done: ids }));
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: ids.length }), (done) => {
        expect(storySteps(storyFacts({ events: [placed, paid], done }))).toEqual(told);
      }),
    );
    expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
  });

  test("tells each death, edit and replay of a message, and that only the newest death still stands", () => {
    const death = {
      collectedAt: ago(1),
      errorClass: "TypeError",
      errorMessage: "it broke",
      worker: null,
      attempts: 21,
    };
    const letter = storyLetter({
      deaths: [
        { ...death, id: 1, failedAt: ago(60_000) },
        { ...death, id: 2, failedAt: ago(20_000) },
      ],
      edits: [{ number: 1, actor: "ada", reason: "wrong code", createdAt: ago(40_000) }],
      replays: [
        {
          id: "r1",
          status: "failed_again",
          detail: null,
          by: "ada",
          claimedAt: ago(30_000),
          sentAt: ago(29_000),
          settledAt: ago(20_000),
        },
      ],
    });
    const own = storySteps(storyFacts({ letters: [letter] })).filter(({ href }) => href?.startsWith("/dead-letters"));
    expect(own.map(({ title, status }) => [title, status])).toEqual([
      ["Dead in charge-payment", "failed"],
      ["Edited by ada", "done"],
      ["Replayed by ada", "failed"],
      ["Dead in charge-payment", "dead"],
    ]);
    expect(own.every(({ seq }) => seq === 1)).toBe(true);
  });

  test("tells of a letter that was purged, by whom and why, and waits for nothing of it any more", () => {
    const invoice = { worker: "render-invoice", queue: "invoice", messageId: eventIdOf(77), about: null };
    const facts = storyFacts({
      done: [`dispatch-tasks/${eventIdOf(1)}`, `project-orders/${eventIdOf(1)}`, `order-saga/${eventIdOf(1)}`],
      jobs: new Map([[eventIdOf(1), [invoice]]]),
      purges: new Map([
        [`render-invoice/${eventIdOf(77)}`, { ...purge, reason: "made by hand" }],
        [`charge-payment/${eventIdOf(1)}`, { ...purge, reason: null }],
      ]),
    });
    expect(storySteps(facts).filter(({ status }) => status !== "done")).toMatchObject([
      {
        title: "Dead letter purged: order.placed for charge-payment",
        detail: "agreed by ada@example.test: no reason given",
        status: "dead",
        href: `/audit?subject=letter:${purge.letterId}`,
      },
      {
        title: "Dead letter purged: The invoice",
        detail: "agreed by ada@example.test: made by hand",
        worker: "render-invoice",
        seq: 1,
      },
    ]);
  });

  test("names the event that is missing from the history", () => {
    const hole = storyFacts({ events: [placed, storyEvent(3, "inventory.reserved")], order: { lastSeq: 3 } });
    expect(storySteps(hole)).toContainEqual(expect.objectContaining({ key: "missing:2", status: "failed", seq: 2 }));
  });
});
