import { describe, expect, test } from "vitest";
import { z } from "zod";
import { event } from "#contracts/message";
import { commands, events, reminders } from "#contracts/messages/index";
import { workers } from "#workers";
import { checkPipeline } from "./check-pipeline.ts";
import { brief, worker } from "./worker.ts";

const declared = { events, commands, reminders };

describe("the boot check", () => {
  test("our own pipeline has no hole", () => {
    expect(() => checkPipeline(workers, declared)).not.toThrow();
  });

  test("an event that nobody handles is refused with the line to add", () => {
    const lonely = event("parcel.lost", { version: 1, body: { where: z.string() } });
    expect(() => checkPipeline(workers, { ...declared, events: [...events, lonely as never] })).toThrow(
      "parcel.lost has no worker: add `on: [parcel.lost]` to one in workers/, or `terminal: true` to its event()",
    );
  });

  test("a command without its worker, and one with two, are refused", () => {
    expect(() =>
      checkPipeline(
        workers.filter((one) => one.name !== "send-email"),
        declared,
      ),
    ).toThrow("command email.send has no worker");
    const second = worker({
      name: "send-email-too",
      on: [commands.find((one) => one.type === "email.send")!],
      emits: [],
      retry: brief,
    });
    expect(() => checkPipeline([...workers, second], declared)).toThrow(
      "command email.send has 2 workers (send-email, send-email-too)",
    );
  });

  test("two workers of one name are refused", () => {
    expect(() => checkPipeline([...workers, workers[0]!], declared)).toThrow(
      "charge-payment is the name of two workers",
    );
  });
});
