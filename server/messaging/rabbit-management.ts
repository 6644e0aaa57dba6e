/** What only the management API knows of a queue. Its figures are up to 5 s old. */
export type ManagedQueue = {
  name: string;
  ready: number;
  unacked: number;
  consumers: number;
  /** Since the queue was made; null = statistics are off. */
  published: number | null;
  delivered: number | null;
  acked: number | null;
};

type Answer = {
  name: string;
  messages_ready?: number;
  messages_unacknowledged?: number;
  consumers?: number;
  message_stats?: { publish?: number; deliver_get?: number; ack?: number };
};

const PORT = 15_672;
const TIMEOUT_MS = 2_000;
const AGAIN_MS = 60_000;
const columns = [
  "name",
  "messages_ready",
  "messages_unacknowledged",
  "consumers",
  ...["publish", "deliver_get", "ack"].map((one) => `message_stats.${one}`),
];

/**
 * All queues of the vhost in one request. Where the API does not answer, or does not let us in, it is asked again after
 * a minute only: by AMQP alone the essential is known as well.
 * @param options.managementUrl unset = port 15672 of the broker's host.
 * @returns null = it does not answer.
 */
export function rabbitManagement(options: {
  url: string;
  managementUrl?: string;
}): () => Promise<ManagedQueue[] | null> {
  const { address, authorization } = endpointOf(options);
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() < notBeforeMs) return null;
    try {
      const answer = await fetch(address, { headers: { authorization }, signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`RabbitMQ's management API answers ${answer.status}`);
      return ((await answer.json()) as Answer[]).map(managed);
    } catch {
      notBeforeMs = performance.now() + AGAIN_MS;
      return null;
    }
  };
}

const managed = (one: Answer): ManagedQueue => {
  const hasStatistics = one.message_stats !== undefined;
  const counter = (value: number | undefined) => (hasStatistics ? (value ?? 0) : null);
  return {
    name: one.name,
    ready: one.messages_ready ?? 0,
    unacked: one.messages_unacknowledged ?? 0,
    consumers: one.consumers ?? 0,
    published: counter(one.message_stats?.publish),
    delivered: counter(one.message_stats?.deliver_get),
    acked: counter(one.message_stats?.ack),
  };
};

function endpointOf({ url, managementUrl }: { url: string; managementUrl?: string }): {
  address: string;
  authorization: string;
} {
  const broker = new URL(url);
  const base = new URL(
    managementUrl ?? `${broker.protocol === "amqps:" ? "https" : "http"}://${broker.hostname}:${PORT}`,
  );
  const user = decodeURIComponent(base.username || broker.username || "guest");
  const password = decodeURIComponent(base.password || broker.password || "guest");
  const vhost = broker.pathname.length > 1 ? broker.pathname.slice(1) : "%2F";
  base.username = base.password = "";
  return {
    address: `${base.href.replace(/\/$/, "")}/api/queues/${vhost}?columns=${columns.join(",")}`,
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
  };
}
