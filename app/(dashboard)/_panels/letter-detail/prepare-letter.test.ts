import { describe, expect, test } from "vitest";
import type { Death, LetterDetail } from "#contracts/api/dead-letters";
import {
  describeOrigin,
  describeWorker,
  ofLetter,
  ofOrder,
  prepareAttempts,
  prepareBytes,
  prepareEarlier,
  prepareSubject,
  prepareVerdict,
  runUnderWay,
} from "./prepare-letter.ts";

const id = "018f4e5c-0000-7000-8000-000000000001";
const detail = {
  letter: {
    id,
    status: "dead",
    replays: 0,
    messageType: "payment.charge",
    orderNumber: 7,
    customerName: "Ada",
    totalCents: 1290,
    currency: "EUR",
    isTest: false,
  },
  verdict: { verdict: "safe", reason: "The worker has not done it yet." },
  order: { orderId: "018f4e5c-0000-7000-8000-000000000009", number: 7, letters: [] },
} as unknown as LetterDetail;

describe("the verdict", () => {
  test("is told with its reason before anything is sent", () => {
    expect(prepareVerdict(detail)).toEqual({
      label: "Safe",
      tone: "good",
      sentence: "The worker has not done it yet.",
    });
  });

  test("of a quarantined letter says first that it can't go on like this", () => {
    const letter = { ...detail.letter, status: "quarantined" as const, replays: 3 };
    expect(prepareVerdict({ ...detail, letter })).toEqual({
      label: "Quarantined",
      tone: "bad",
      sentence:
        "It died again after 3 replays: edit it, or override with a reason. Safe: The worker has not done it yet.",
    });
  });
});

test("B7: a letter is under way in the run that has neither sent it in vain nor given it back", () => {
  const replay = (runId: string, status: "cancelled" | "sent") =>
    ({ runId, status }) as LetterDetail["replays"][number];
  expect(runUnderWay({ replays: [replay("a", "cancelled"), replay("b", "sent")] })?.runId).toBe("b");
  expect(runUnderWay({ replays: [replay("a", "cancelled")] })).toBeNull();
});

describe("where it died", () => {
  test("is a place in either broker", () => {
    expect(describeOrigin({ exchange: "", routingKey: "mails", queue: "mails" })).toBe(
      "queue mails, default exchange, key mails",
    );
    expect(describeOrigin({ topic: "order.events", partition: 3, offset: "12" })).toBe(
      "topic order.events, partition 3, offset 12",
    );
  });

  test("how often and for how long it was tried", () => {
    const death = { attempts: 5, firstFailedAt: "2026-11-21T10:00:00.000Z", failedAt: "2026-11-21T10:06:00.000Z" };
    expect(prepareAttempts(death as Death)).toBe("5 attempts in 6 min");
    expect(prepareAttempts({ ...death, attempts: 1, failedAt: death.firstFailedAt } as Death)).toBe("1 attempt");
    expect(prepareEarlier({ ...death, earlierAttempts: [] } as unknown as Death)).toEqual([]);
    expect(describeWorker({ worker: null, workerVersion: null } as Death)).toBe("an unknown worker");
  });
});

test("earlier attempts keep their numbers where some of the middle are not known, and name another worker", () => {
  const attempt = (workerVersion: string) => ({ worker: "send-email", workerVersion });
  const death = { attempts: 6, ...attempt("2"), earlierAttempts: [attempt("1"), attempt("2"), attempt("2")] };
  expect(prepareEarlier(death as Death).map(({ number, by }) => [number, by])).toEqual([
    [1, "send-email 1"],
    [4, null],
    [5, null],
  ]);
});

test.each([
  [
    { bytes: 2, text: "{}", base64: null, note: null },
    { content: "{}", line: "2 B" },
  ],
  [
    { bytes: 2, text: null, base64: "AP8=", note: "Not UTF-8." },
    { content: "AP8=", line: "2 B · Not UTF-8." },
  ],
  [
    { bytes: 0, text: null, base64: null, note: "A tombstone." },
    { content: null, line: "A tombstone." },
  ],
])("bytes are shown as what they are: %o", (bytes, shown) => {
  expect(prepareBytes(bytes)).toEqual(shown);
});

test("a letter is acted on by its id, an order's letters by the order", () => {
  expect(ofLetter(detail)).toEqual({
    selection: { letterIds: [id] },
    letters: 1,
    what: "payment.charge of order 7",
  });
  expect(ofOrder(detail)).toBeNull();
  const letters = [{ id: "018f4e5c-0000-7000-8000-000000000002", status: "dead" as const, messageType: null }];
  expect(ofOrder({ ...detail, order: { ...detail.order!, letters } })).toMatchObject({
    selection: { filter: { status: "unsettled", orderId: detail.order!.orderId } },
  });
  expect(prepareSubject(detail)).toBe("Ada, 12.90 EUR");
});
