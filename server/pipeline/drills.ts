import { z } from "zod";
import {
  type DrillList,
  type DrillRequest,
  type DrillSystem,
  drillLabel,
  drillModes,
  drillModesOf,
  drillSystemLabels,
  drillSystems,
} from "#contracts/api/drills";
import type { Operation } from "#server/platform/act";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { askSandbox } from "./sandbox.ts";

/** What the sandbox says of its systems: a fault each, `ok` where there is none. */
const Faults = z.record(z.string(), z.object({ mode: z.string(), untilMs: z.number().optional() }));

const SLOW_MS = 5_000;

/** How each outside system of the demo behaves now. @throws Problem 404 without the demo, 503 when it does not answer. */
export const listDrills = (): Promise<DrillList> => ask("");

/**
 * Breaks a system until it heals by itself. One that is broken already breaks in the new way. The curves get a mark, and a cause
 * of dead letters that appears soon after names the drill.
 * @throws Problem 422 for what this system can't do; as `listDrills`, and nothing is noted then.
 */
export async function beginDrill(
  operation: Operation,
  system: DrillSystem,
  { mode, minutes, reason }: DrillRequest,
): Promise<DrillList> {
  if (!drillModesOf[system].includes(mode))
    throw new Problem(422, "drill_not_possible", `${drillSystemLabels[system]}: can't be told to do this.`);
  operation.intend({ action: "drills:begin", subject: `system:${system}`, reason, after: { mode, minutes } });
  await operation.tx.rows(
    sql`INSERT INTO pipeline_marks (kind, label, href) VALUES ('drill', ${drillLabel(system, mode)}, '/drills')`,
  );
  // Last: what it does is not undone by a roll-back, only by its own end.
  return ask(`/${system}`, { mode, slowMs: SLOW_MS, forMs: minutes * 60_000 });
}

/** The system works again. @throws as `listDrills`. */
export async function endDrill(operation: Operation, system: DrillSystem, reason: string): Promise<DrillList> {
  const before = (await listDrills()).drills.find((one) => one.system === system)?.mode ?? null;
  operation.intend({ action: "drills:end", subject: `system:${system}`, reason, before: { mode: before } });
  if (before !== null)
    await operation.tx.rows(
      sql`INSERT INTO pipeline_marks (kind, label, href) VALUES ('drill_over', ${`${drillSystemLabels[system]} works again`}::text, '/drills')`,
    );
  return ask(`/${system}`, { mode: "ok" });
}

/** Asked or told, the sandbox answers with how all its systems behave. */
async function ask(path: string, put?: object): Promise<DrillList> {
  const faults = await askSandbox(`faults${path}`, {
    shape: Faults,
    absent: "Drills break the demo's outside systems; it does not run here.",
    put,
  });
  return {
    drills: drillSystems.map((system) => {
      const { mode, untilMs } = faults[system] ?? { mode: "ok" };
      return {
        system,
        mode: drillModes.find((one) => one === mode) ?? null,
        until: mode === "ok" || untilMs === undefined ? null : new Date(untilMs).toISOString(),
      };
    }),
  };
}
