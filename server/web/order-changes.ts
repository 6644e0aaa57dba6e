import pg from "pg";
import { ORDER_VIEWS_CHANNEL } from "#server/orders/project-orders";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";

const RECONNECT_MS = 1_000;

/**
 * Listens, over a session of its own, to which orders look different now. When the session was lost, `onGap` says that
 * changes may have been missed: whoever shows something reads it anew.
 */
export function listenToOrderChanges(listener: { onChange(orderIds: string[]): void; onGap(): void }): {
  stop(): Promise<void>;
} {
  let session: pg.Client | undefined;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;

  const connect = async () => {
    const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: "order-changes" });
    session = client;
    client.on("notification", ({ payload }) => listener.onChange(JSON.parse(payload ?? "[]") as string[]));
    client.on("error", again);
    client.on("end", again);
    try {
      await client.connect();
      await client.query(`LISTEN ${ORDER_VIEWS_CHANNEL}`);
      listener.onGap();
    } catch (error) {
      again(error as Error);
    }
  };
  const again = (error?: Error) => {
    if (isStopping || timer) return;
    log().warn({ error: error?.message }, "order changes are not heard for a moment");
    session?.removeAllListeners();
    session?.on("error", () => {});
    void session?.end().catch(() => {});
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, RECONNECT_MS);
  };
  void connect();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await session?.end().catch(() => {});
    },
  };
}
