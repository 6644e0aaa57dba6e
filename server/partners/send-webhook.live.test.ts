import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { newEndpointSecret } from "./endpoint-secrets.ts";
import { AddressRefused } from "./guard-address.ts";
import { NotAccepted, sendWebhook } from "./send-webhook.ts";

type Seen = { headers: Record<string, string>; body: string };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A partner that answers like this, and what it has seen. */
async function partner(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ headers: request.headers as Record<string, string>, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, seen };
}

const secret = newEndpointSecret();
const outgoing = (url: string) => ({
  url,
  secret,
  id: "evt_1",
  type: "payment.captured",
  occurredAt: "2026-11-21T10:00:00.000Z",
  data: { orderId: "1", name: "ü" },
});
const demo = { allowLoopback: true };
const strict = { allowLoopback: false };

describe("a webhook", () => {
  test("carries a signature that the public library accepts over exactly the sent bytes", async () => {
    const { url, seen } = await partner((_, response) => response.writeHead(204).end());
    expect(await sendWebhook(outgoing(url), demo)).toEqual({ outcome: "delivered", httpStatus: 204 });
    const [{ headers, body }] = seen as [Seen];
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: "payment.captured" });
    expect(() => new Webhook(secret).verify(body.replace("payment", "Payment"), headers)).toThrow();
  });

  test("follows no redirect", async () => {
    const inside = await partner((_, response) => response.writeHead(204).end());
    const { url } = await partner((_, response) => response.writeHead(302, { location: inside.url }).end());
    await expect(sendWebhook(outgoing(url), demo)).rejects.toThrow("the partner answered 302");
    expect(inside.seen).toEqual([]);
  });

  test.each([400, 401, 429, 500, 503])(
    "is not accepted with %i, and what the partner said is not repeated",
    async (status) => {
      const { url } = await partner((_, response) => response.writeHead(status).end("secret of the inside"));
      const error = await sendWebhook(outgoing(url), demo).catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(NotAccepted);
      expect((error as Error).message).toBe(`the partner answered ${status}`);
    },
  );

  test("ends with 410", async () => {
    const { url } = await partner((_, response) => response.writeHead(410).end());
    expect(await sendWebhook(outgoing(url), demo)).toEqual({ outcome: "gone", httpStatus: 410 });
  });

  test("does not wait for a partner that never answers", async () => {
    const { url } = await partner(() => {});
    const startedAt = Date.now();
    await expect(sendWebhook(outgoing(url), { ...demo, timeoutMs: 400 })).rejects.toThrow();
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test("does not swallow an endless answer", async () => {
    const { url } = await partner((_, response) => {
      response.writeHead(200);
      const feed = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => clearInterval(feed));
    });
    const startedAt = Date.now();
    await sendWebhook(outgoing(url), { ...demo, timeoutMs: 3_000 }).catch(() => {});
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("a name that leads inside", () => {
  const answers = (...addresses: string[]): LookupFunction => {
    let asked = 0;
    return ((_: string, __: object, done: (error: null, found: { address: string; family: number }[]) => void) => {
      const address = addresses[Math.min(asked, addresses.length - 1)]!;
      asked += 1;
      done(null, [{ address, family: address.includes(":") ? 6 : 4 }]);
    }) as never;
  };

  test.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])(
    "to %s is refused before a connection is made",
    async (address) => {
      await expect(
        sendWebhook(outgoing("https://partner.example.com/"), { ...strict, lookup: answers(address) }),
      ).rejects.toThrow(AddressRefused);
    },
  );

  test("is refused also when only one of its addresses does", async () => {
    const lookup = ((_: string, __: object, done: (error: null, found: object[]) => void) =>
      done(null, [
        { address: "93.184.216.34", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ])) as never;
    await expect(sendWebhook(outgoing("https://partner.example.com/"), { ...strict, lookup })).rejects.toThrow(
      AddressRefused,
    );
  });
});
