import { createRequire } from "node:module";

type RequestQueue = { pending: unknown[]; throttledUntil: number; scheduleCheckPendingRequests(): void };

let installed = false;

/**
 * kafkajs 2.2.4 re-arms a 1 ms timer on every idle connection (kafkajs#1751), 4 % of a core per idle consumer. With
 * nothing pending and no throttle there is nothing to check. Call it before the first client is made.
 */
export function installIdleGuard(): void {
  if (installed) return;
  installed = true;
  const queue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  const check = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) check.call(this);
  };
}
