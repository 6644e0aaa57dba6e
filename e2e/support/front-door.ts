import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/**
 * A door of its own in front of the product: it counts the live streams that go through it, and can be shut and opened again,
 * as if the server had gone away.
 */
export async function openFrontDoor(productUrl: string) {
  const product = new URL(productUrl);
  const sockets = new Set<Socket>();
  let streams = 0;
  let port = 0;
  let server: Server;

  const listen = async () => {
    server = createServer((asked, answer) => {
      const { method, headers, url: path } = asked;
      const isStream = path?.startsWith("/api/v1/stream") ?? false;
      const passed = request({ host: product.hostname, port: product.port, method, path, headers }, (got) => {
        answer.writeHead(got.statusCode!, got.headers);
        got.pipe(answer);
      });
      if (isStream) streams += 1;
      passed.on("error", () => answer.destroy());
      answer.on("close", () => {
        if (isStream) streams -= 1;
        passed.destroy();
      });
      asked.pipe(passed);
    });
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    await once(server.listen(port, product.hostname), "listening");
    port = (server.address() as AddressInfo).port;
  };
  await listen();
  return {
    url: `http://${product.hostname}:${port}`,
    /** Live streams that are open now. */
    streams: () => streams,
    async shut() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    reopen: listen,
  };
}
