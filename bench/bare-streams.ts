import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * The peer of the live streams: a bare node server that writes one shared buffer to whoever is connected, as often and as
 * large as it is told. Nothing is signed in, read or made here.
 */

const viewers = new Set<ServerResponse>();
let timer: NodeJS.Timeout | undefined;

const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("retry: 1000\n\n");
  viewers.add(response);
  response.on("close", () => viewers.delete(response));
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));

process.on("message", ({ bytes, perSecond }: { bytes: number; perSecond: number }) => {
  clearInterval(timer);
  const frame = Buffer.from(`data: ${"x".repeat(Math.max(0, bytes - 8))}\n\n`);
  timer = setInterval(() => {
    for (const viewer of viewers) viewer.write(frame);
  }, 1_000 / perSecond);
});
process.on("disconnect", () => process.exit(0));
