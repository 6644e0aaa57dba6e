import { lookup as resolve } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import { Webhook } from "standardwebhooks";
import { Agent, buildConnector, request } from "undici";
import { guardAddress, guardUrl } from "./guard-address.ts";

/** One webhook as the partner gets it. Without a secret it is not signed. */
export type Outgoing = {
  url: string;
  secret: string | null;
  id: string;
  type: string;
  occurredAt: string;
  data: unknown;
};

/** The partner took it, or wants no more webhooks (410). */
export type Received = { outcome: "delivered" | "gone"; httpStatus: number };

export type SendOptions = { allowLoopback: boolean; timeoutMs?: number; lookup?: LookupFunction };

/** The partner answered, but not with a 2xx. The answer's body is never repeated: it may be somebody's inside. */
export class NotAccepted extends Error {
  override name = "NotAccepted";
}

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 65_536;

/**
 * Signs and delivers, once. Redirects are failures; the answer is read up to 64 KiB and thrown away.
 * The address is guarded three times: as written, as resolved, and as connected, because a name may resolve to something
 * else a moment later.
 * @throws AddressRefused, NotAccepted, or the connection's error.
 */
export async function sendWebhook(outgoing: Outgoing, options: SendOptions): Promise<Received> {
  const url = guardUrl(outgoing.url, options);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const now = new Date();
  const body = JSON.stringify({ type: outgoing.type, timestamp: outgoing.occurredAt, data: outgoing.data });
  const signal = AbortSignal.timeout(timeoutMs);
  const dispatcher = new Agent({
    connect: guardedConnect(options),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: ANSWER_BYTES,
  });
  try {
    const { statusCode, body: answer } = await request(url, {
      method: "POST",
      dispatcher,
      signal,
      body,
      headers: {
        "content-type": "application/json",
        "user-agent": "order-pipeline-webhooks/1",
        "webhook-id": outgoing.id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        ...(outgoing.secret && { "webhook-signature": new Webhook(outgoing.secret).sign(outgoing.id, now, body) }),
      },
    });
    // Too long an answer does not undo the delivery: the status is what counts.
    await answer.dump({ limit: ANSWER_BYTES, signal }).catch(() => {});
    if (statusCode === 410) return { outcome: "gone", httpStatus: statusCode };
    if (statusCode < 200 || statusCode > 299) throw new NotAccepted(`the partner answered ${statusCode}`);
    return { outcome: "delivered", httpStatus: statusCode };
  } finally {
    await dispatcher.destroy();
  }
}

function guardedConnect({ allowLoopback, lookup = resolve as LookupFunction }: SendOptions): buildConnector.connector {
  const guardedLookup: LookupFunction = (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: 4 }];
      try {
        for (const { address } of addresses) guardAddress(address, { allowLoopback });
      } catch (refused) {
        return done(refused as Error, []);
      }
      options.all ? done(null, addresses) : done(null, addresses[0]!.address, addresses[0]!.family);
    });
  const connect = buildConnector({ lookup: guardedLookup, timeout: 5_000 });
  return (options, done) =>
    connect(options, (...[error, socket]) => {
      if (error) return done(error, null);
      try {
        guardAddress((socket as Socket).remoteAddress ?? "", { allowLoopback });
        done(null, socket as Socket as never);
      } catch (refused) {
        (socket as Socket).destroy();
        done(refused as Error, null);
      }
    });
}
