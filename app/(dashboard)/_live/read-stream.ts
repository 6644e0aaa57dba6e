import { LIVE_STREAM } from "#contracts/api/live";
import { createEventParser, type ServerEvent } from "./parse-events.ts";

/** The server says something at least every 15 s; a stream silent for longer than this is broken, ms. */
const SILENT_MS = 35_000;
/** An answer must begin within, ms. */
const ANSWER_MS = 10_000;

export type StreamListener = {
  onEvent(event: ServerEvent): void;
  /** It broke, or was refused (with its status); told once. */
  onEnd(status: number | null, retryAfterMs: number): void;
};

/** Opens a stream of these channels. @returns what closes it; nothing is told any more afterwards. */
export type OpenStream = (channels: readonly string[], lastEventId: string, listener: StreamListener) => () => void;

/**
 * Reads the server's stream by fetch, not by EventSource: that hides heartbeats, so a dead connection looks alive, and the
 * status, so a session that ended looks like a bad network.
 */
export const readStream: OpenStream = (channels, lastEventId, { onEvent, onEnd }) => {
  const leaving = new AbortController();
  let isClosed = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const expect = (withinMs: number) => {
    clearTimeout(silence);
    silence = setTimeout(() => leaving.abort(), withinMs);
  };
  const run = async (): Promise<[status: number | null, retryAfterMs: number]> => {
    expect(ANSWER_MS);
    const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
    const url = `${LIVE_STREAM}?channels=${encodeURIComponent(channels.join(","))}`;
    const answer = await fetch(url, { headers, cache: "no-store", signal: leaving.signal });
    if (!answer.ok || !answer.body) return [answer.status, Number(answer.headers.get("retry-after") ?? 0) * 1_000];
    const parse = createEventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      expect(SILENT_MS);
      const { value, done } = await reader.read();
      if (done || isClosed) return [null, 0];
      for (const event of parse(value)) if (!isClosed) onEvent(event);
    }
  };
  void run()
    .catch((): [null, number] => [null, 0])
    .then(([status, retryAfterMs]) => {
      clearTimeout(silence);
      if (!isClosed) onEnd(status, retryAfterMs);
    });
  return () => {
    isClosed = true;
    leaving.abort();
  };
};
