import { pool } from "#server/platform/db";
import { workersState } from "./workers-state.ts";

/** What `/readyz` says: 200 while orders can be taken. The workers' state is told, and does not count: checkout needs none. */
export async function readReadiness(): Promise<{ status: number; body: Record<string, unknown> }> {
  const startedAt = performance.now();
  const database = await pool()
    .query("SELECT 1")
    .then(
      () => "ok",
      () => "away",
    );
  const latencyMs = Math.round(performance.now() - startedAt);
  return { status: database === "ok" ? 200 : 503, body: { database, latencyMs, workers: workersState() } };
}
