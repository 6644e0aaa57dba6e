import { onTestFinished } from "vitest";
import { type FrameKind, LIVE_STREAM, readFrameId } from "#contracts/api/live";

export type ReadFrame = { kind: FrameKind; channel: string | null; id: string; data: unknown };

/** Asks for a stream of these channels, and leaves it at the end of the test. */
export async function askForStream(port: number, cookie: string, channels: string, lastEventId = "") {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const answer = await fetch(`http://127.0.0.1:${port}${LIVE_STREAM}?channels=${channels}`, {
    headers: { cookie, ...(lastEventId && { "last-event-id": lastEventId }) },
    signal: leaving.signal,
  });
  return { answer, leave: () => leaving.abort() };
}

/** Reads a stream, frame by frame. */
export async function readFrames(port: number, cookie: string, channels: string, lastEventId = "") {
  const { answer, leave } = await askForStream(port, cookie, channels, lastEventId);
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  /** Null at the stream's end. */
  const next = async (): Promise<ReadFrame | null> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) return null;
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const line = (name: string) => lines.find((one) => one.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      if (!line("data")) continue;
      const id = line("id");
      const channel = readFrameId(id)?.channel ?? null;
      return { kind: line("event") as FrameKind, channel, id, data: JSON.parse(line("data")) as unknown };
    }
  };
  return {
    next,
    leave,
    /** Reads on until a frame holds. @throws at the stream's end. */
    async until(holds: (frame: ReadFrame) => boolean): Promise<ReadFrame> {
      for (;;) {
        const frame = await next();
        if (!frame) throw new Error("the stream ended");
        if (holds(frame)) return frame;
      }
    },
  };
}
