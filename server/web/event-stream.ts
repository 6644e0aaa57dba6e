import type { ServerResponse } from "node:http";

const HEARTBEAT_MS = 15_000;
const STALLED_MS = 30_000;

/** One browser's stream. */
export type Stream = {
  /** Sends a frame, or keeps only the newest one of its kind while the reader is slow. */
  send(event: string, id: string, data: string): void;
  end(): void;
  onClose(listener: () => void): void;
};

/**
 * Server-sent events over a raw response: heartbeat every 15 s; for a reader that does not keep up the newest frame of
 * each kind waits, older ones are dropped; a reader that takes nothing for 30 s is cut.
 */
export function openStream(response: ServerResponse): Stream {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    connection: "keep-alive",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  response.write("retry: 1000\n\n");
  const waiting = new Map<string, string>();
  const listeners: (() => void)[] = [];
  let stalledSince: number | undefined;
  let hasEnded = false;

  const write = (frame: string): void => {
    // A write after the end is an error that nobody could catch: it would end the process.
    if (hasEnded) return;
    if (!response.write(frame)) stalledSince ??= Date.now();
  };
  response.on("drain", () => {
    stalledSince = undefined;
    for (const [event, frame] of [...waiting]) {
      waiting.delete(event);
      write(frame);
      if (stalledSince) return;
    }
  });
  const heartbeat = setInterval(() => {
    if (stalledSince && Date.now() - stalledSince > STALLED_MS) return response.destroy();
    if (!stalledSince) write(": alive\n\n");
  }, HEARTBEAT_MS);
  response.on("close", () => {
    clearInterval(heartbeat);
    for (const listener of listeners) listener();
  });

  return {
    send(event, id, data) {
      const frame = `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
      if (stalledSince) waiting.set(event, frame);
      else write(frame);
    },
    end() {
      hasEnded = true;
      response.end();
    },
    onClose: (listener) => void listeners.push(listener),
  };
}
