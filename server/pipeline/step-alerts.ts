import type { Known } from "#contracts/api/operations";
import type { AlertStatus } from "#contracts/vocabulary";
import { type Condition, isKnown } from "./alert-rules.ts";

/** An alert that is not resolved. */
export type OpenAlert = Condition & { id: string; status: Exclude<AlertStatus, "resolved">; since: Date };

export type AlertSteps = {
  begin: Condition[];
  /** Still wrong, with new words or another value. */
  change: (Condition & { id: string })[];
  fire: string[];
  /** Gone before anybody was told: forgotten. */
  forget: string[];
  resolve: string[];
};

/** So long it must be fine before it is over, ms: a number that swings around its limit is one alert. */
export const FINE_FOR_MS = 30_000;

const keyOf = ({ rule, subject }: Pick<Condition, "rule" | "subject">) => `${rule}\n${subject}`;

/**
 * What becomes of the alerts at one look. Pure but for `fineSince`, which keeps since when an open alert has been fine;
 * what nobody can say anything about at present stays as it is.
 * @param forMs how long a rule's condition must last before it fires; null = the rule is off, its alerts are over at once.
 */
export function stepAlerts(
  open: readonly OpenAlert[],
  conditions: readonly Condition[],
  {
    known,
    now,
    forMs,
    fineSince,
  }: { known: Known; now: Date; forMs(rule: string): number | null; fineSince: Map<string, number> },
): AlertSteps {
  const steps: AlertSteps = { begin: [], change: [], fire: [], forget: [], resolve: [] };
  const wrong = new Map(conditions.map((condition) => [keyOf(condition), condition]));
  const nowMs = now.getTime();
  for (const alert of open) {
    const condition = wrong.get(keyOf(alert));
    wrong.delete(keyOf(alert));
    const wantedMs = forMs(alert.rule);
    if (condition) {
      fineSince.delete(alert.id);
      if (condition.summary !== alert.summary || condition.value !== alert.value || condition.href !== alert.href)
        steps.change.push({ ...condition, id: alert.id });
      if (alert.status === "pending" && nowMs - alert.since.getTime() >= (wantedMs ?? 0)) steps.fire.push(alert.id);
    } else if (wantedMs === null || isKnown(alert, known)) {
      if (alert.status === "pending") steps.forget.push(alert.id);
      else {
        const fineMs = fineSince.get(alert.id) ?? nowMs;
        fineSince.set(alert.id, fineMs);
        if (wantedMs === null || nowMs - fineMs >= FINE_FOR_MS) {
          steps.resolve.push(alert.id);
          fineSince.delete(alert.id);
        }
      }
    }
  }
  steps.begin.push(...wrong.values());
  return steps;
}
