import type { GroupRow } from "#contracts/api/dead-letters";

const MINUTE_MS = 60_000;
/** What happened so shortly before a cause was first seen may have to do with it, ms. */
export const SOON_MS = 10 * MINUTE_MS;

/**
 * The most urgent first: money at risk × how long it waits, then letters. Currencies are never added up: the largest
 * amount speaks for a group.
 */
export function rankGroups(groups: readonly GroupRow[], now: Date): GroupRow[] {
  const urgency = ({ money, oldestDiedAt }: GroupRow) =>
    Math.max(0, ...money.map(({ cents }) => cents)) * (oldestDiedAt ? now.getTime() - Date.parse(oldestDiedAt) : 0);
  return groups.toSorted(
    (a, b) =>
      urgency(b) - urgency(a) ||
      b.letters - a.letters ||
      b.lastSeenAt.localeCompare(a.lastSeenAt) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Something that an operator or a release did. `name` is a version's label, a drill's, a queue's or a run's. */
export type Happening = { kind: "deploy" | "drill" | "redirect" | "run"; name: string; elapsedMs: number };

/** What happened shortly before a cause was first seen, in one sentence. That it caused it is for a person to say. */
export const hintOf = ({ kind, name, elapsedMs }: Happening): string =>
  `First seen ${duration(elapsedMs)} after ${happened[kind](name)}.`;

const happened: Record<Happening["kind"], (name: string) => string> = {
  deploy: (name) => `${name.charAt(0).toLowerCase()}${name.slice(1)} was started`,
  drill: (name) => `the drill "${name}" began`,
  redirect: (name) => `replays to ${name} were redirected`,
  run: (name) => `the run "${name}" started`,
};

const duration = (ms: number) => (ms < MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`);
