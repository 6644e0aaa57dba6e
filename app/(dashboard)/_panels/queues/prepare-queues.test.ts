import { describe, expect, test } from "vitest";
import type { FamilyView, QueueView } from "#contracts/api/operations";
import { prepareFamilies, prepareQueue, prepareSentence } from "./prepare-queues.ts";

const queue: QueueView = {
  name: "email",
  ready: 0,
  unacked: 0,
  consumers: 1,
  inPerSecond: 2,
  outPerSecond: 2,
  ackPerSecond: 2,
};
const family: FamilyView = {
  name: "email",
  worker: "send-email",
  main: queue,
  retries: [{ ...queue, name: "email.retry.5s", consumers: 0, delayMs: 5_000, nextReturnMs: null }],
  deadInBroker: 0,
  deadInStore: 0,
  oldestMs: null,
  etaMs: null,
  isGrowing: false,
  pausedBy: null,
  inWords: "No mail waits.",
  status: "ok",
};
const alone: FamilyView = {
  ...family,
  name: "invoice",
  status: "no_consumer",
  main: { ...queue, name: "invoice", ready: 12, consumers: 0 },
  isGrowing: true,
  inWords: "12 invoices wait and nobody takes them.",
};

test("the family that nobody takes from is on top, and grows", () => {
  const [first] = prepareFamilies([family, alone]);
  expect(first).toMatchObject({ name: "invoice", status: { label: "Nobody takes", tone: "bad" }, eta: "growing" });
});

test("a waiting room says when its next message returns", () => {
  const retries = [{ ...family.retries[0]!, ready: 3, nextReturnMs: 2_400 }];
  const [card] = prepareFamilies([{ ...family, retries }]);
  expect(card?.lines[1]).toMatchObject({ part: "Again after 5.0 s, the next returns in 2.4 s", consumers: "–" });
});

test("without the management API rates and unacknowledged messages are unknown, not zero", () => {
  const line = prepareQueue({ ...queue, unacked: null, inPerSecond: null, outPerSecond: null, ackPerSecond: null }, "");
  expect(line).toMatchObject({ ready: "0", unacked: "unknown", in: "unknown", out: "unknown", acked: "unknown" });
});

describe("the dead letters of a family", () => {
  test.each<[number, number | null, string]>([
    [0, 0, "0 dead letters wait; none is left in the broker."],
    [1, 2, "1 dead letter waits; 2 more are in the broker, not collected yet."],
    [4, null, "4 dead letters wait; how many are still in the broker is unknown."],
  ])("%s stored and %s in the broker", (deadInStore, deadInBroker, text) => {
    const [card] = prepareFamilies([{ ...family, deadInStore, deadInBroker }]);
    expect(card?.dead).toMatchObject({ text, href: "/dead-letters?tab=letters&source=email" });
  });
});

describe("the sentence on all queues", () => {
  test.each<[string, FamilyView[], string, string]>([
    ["all are worked on", [family], "good", "All queues are worked on: no job waits, none for another attempt."],
    ["one has no consumer", [family, alone], "bad", "invoice: nobody takes. 12 invoices wait"],
    ["one is paused", [{ ...family, status: "paused" }], "warn", "email: paused."],
    ["none was seen", [], "neutral", "None of our queues"],
  ])("when %s", (_, families, tone, sentence) => {
    const said = prepareSentence(families);
    expect(said.tone).toBe(tone);
    expect(said.sentence).toContain(sentence);
  });
});
