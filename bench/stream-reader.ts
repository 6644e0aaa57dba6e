import { type ClientRequest, get } from "node:http";
import { LIVE_STREAM } from "#contracts/api/live";

/** A viewer without a screen: it takes a live stream and counts. */
export type StreamReader = { frames: number; bytes: number; close(): void };

/** What the overview follows. */
export const STREAM = `${LIVE_STREAM}?channels=overview,orders,map`;

const FRAME_END = Buffer.from("\n\n");

/** Opens a stream and waits for its first bytes. `onFrame` gets each frame as text. @throws when it is refused. */
export function openReader(url: string, cookie: string, onFrame?: (frame: string) => void): Promise<StreamReader> {
  return new Promise((resolve, reject) => {
    const reader: StreamReader = { frames: 0, bytes: 0, close: () => request.destroy() };
    let text = "";
    const request: ClientRequest = get(url, { headers: { cookie }, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        request.destroy();
        return reject(new Error(`the stream was refused with ${response.statusCode}`));
      }
      response.on("data", (chunk: Buffer) => {
        reader.bytes += chunk.length;
        // An end cut in two by the network is one frame in thousands.
        for (let at = chunk.indexOf(FRAME_END); at >= 0; at = chunk.indexOf(FRAME_END, at + 2)) reader.frames += 1;
        if (!onFrame) return;
        const frames = (text + chunk.toString()).split("\n\n");
        text = frames.pop()!;
        for (const frame of frames) onFrame(frame);
      });
      response.on("error", () => {});
      response.once("data", () => resolve(reader));
    });
    request.on("error", reject);
  });
}

/** Opens many, so many a second at most. */
export async function openReaders(count: number, perSecond: number, open: (index: number) => Promise<StreamReader>) {
  const readers: Promise<StreamReader>[] = [];
  for (let index = 0; index < count; index += 1) {
    readers.push(open(index));
    if (index % 10 === 9) await new Promise((go) => setTimeout(go, 10_000 / perSecond));
  }
  return Promise.all(readers);
}
