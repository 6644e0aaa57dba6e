import { expect, test } from "vitest";
import { renderLabelWorker } from "#workers/render-label";
import type { RabbitDelivery } from "./broker.ts";
import { Undecodable } from "./decode.ts";
import type { RabbitPort } from "./rabbit.ts";
import { runRabbitWorker } from "./run-rabbit-worker.ts";

test("a message that is known and not this worker's becomes a dead letter: nobody else reads its queue", async () => {
  let handle: (delivery: RabbitDelivery) => Promise<void> | void = () => {};
  const buried: unknown[] = [];
  const port = {
    consume: async (_: unknown, onDelivery: typeof handle) => {
      handle = onDelivery;
      return { stop: async () => {} };
    },
    fail: async (_: unknown, failure: { errorClass: string; message: string }, how: object) => {
      buried.push([failure, how]);
      return "dead";
    },
  } as unknown as RabbitPort;
  await runRabbitWorker(renderLabelWorker, port);
  let isAcknowledged = false;
  await handle({
    attempts: 0,
    raw: { key: null, value: Buffer.from("{}"), headers: [["event-type", Buffer.from("email.send")]] },
    ack: () => {
      isAcknowledged = true;
    },
  } as unknown as RabbitDelivery);
  expect(isAcknowledged).toBe(false);
  expect(buried).toEqual([
    [
      expect.objectContaining({
        errorClass: Undecodable.name,
        message: "render-label does not handle email.send",
      }),
      { hopeless: true },
    ],
  ]);
});
