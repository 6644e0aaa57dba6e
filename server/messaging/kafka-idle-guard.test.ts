import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { installIdleGuard } from "./kafka-idle-guard.ts";

installIdleGuard();
const RequestQueue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue");
const logger = { debug() {}, warn() {} };

/** As kafkajs makes it for a connection. */
const queue = () =>
  new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 100, clientId: "test", broker: "test", logger });

test("a connection with nothing to send sets no timer", () => {
  const idle = queue();
  idle.checkPendingRequests();
  expect(idle.throttleCheckTimeoutId).toBeNull();
});

test("a request that has to wait is looked at again soon", async () => {
  const busy = queue();
  const sent: number[] = [];
  const push = (correlationId: number) =>
    busy.push({ entry: { correlationId }, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  busy.throttledUntil = Date.now() + 30;
  push(1);
  expect(sent).toEqual([]);
  await expect.poll(() => sent).toEqual([1]);
  busy.destroy();
});
