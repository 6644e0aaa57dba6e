import pg from "pg";
import { env } from "./env.ts";
import { log } from "./log.ts";

const RECONNECT_MS = 1_000;

/**
 * Listens, over a session of its own, to what PostgreSQL tells: `on` has a listener per NOTIFY channel. `onGap` is called
 * whenever the session is up, first and after each loss: changes may have been missed before.
 * @param what listens: the session's name in `pg_stat_activity`, and in the log while nothing is heard.
 */
export function listen(
  what: string,
  listener: { on: Readonly<Record<string, (payload: string) => void>>; onGap?(): void },
): { stop(): Promise<void> } {
  let session: pg.Client | undefined;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;

  const connect = async () => {
    const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: what });
    session = client;
    client.on("notification", ({ channel, payload }) => listener.on[channel]?.(payload ?? ""));
    client.on("error", again);
    client.on("end", again);
    try {
      await client.connect();
      for (const channel of Object.keys(listener.on)) await client.query(`LISTEN ${channel}`);
      listener.onGap?.();
    } catch (error) {
      again(error as Error);
    }
  };
  const again = (error?: Error) => {
    if (isStopping || timer) return;
    log().warn({ error: error?.message }, `${what} hears nothing for a moment`);
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
