import { setTimeout as sleep } from "node:timers/promises";
import { log } from "#server/platform/log";
import { isInfrastructure } from "./infrastructure.ts";

const WAIT_MS = { first: 250, longest: 5_000 };

/**
 * Tries again for as long as PostgreSQL is away: nothing can be recorded, so nothing counts as an attempt. A message of
 * RabbitMQ stays unacknowledged in our hands meanwhile, bounded by its queue's prefetch.
 * @throws what `attempt` throws for any other reason.
 */
export async function untilDatabaseAnswers<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let waitMs = WAIT_MS.first; ; waitMs = Math.min(waitMs * 2, WAIT_MS.longest)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isInfrastructure(error)) throw error;
      log().warn({ error: (error as Error).message, waitMs }, "the database is away");
      await sleep(waitMs);
    }
  }
}
