import { type Drill, type DrillSystem, drillLabel, drillModeLabels, drillSystemLabels } from "#contracts/api/drills";
import type { Tone } from "#contracts/vocabulary";

/** What of an order needs the system, and where it shows when the system fails. */
const uses: Readonly<Record<DrillSystem, { what: string; href: string; where: string }>> = {
  payments: {
    what: "Takes and gives back the money.",
    href: "/consumers",
    where: "See charge-payment and order-saga wait",
  },
  shipping: { what: "Takes the parcels.", href: "/consumers", where: "See create-shipment wait" },
  mail: {
    what: "Takes the mails to customers.",
    href: "/queues?family=email",
    where: "See queue email",
  },
  partner: {
    what: "Is told by webhooks.",
    href: "/queues?family=webhook",
    where: "See queue webhook",
  },
};

export type DrillLine = {
  system: DrillSystem;
  name: string;
  what: string;
  isBroken: boolean;
  state: { label: string; tone: Tone };
  until: string | null;
  look: { href: string; label: string };
};

/** Each system as a line: how it behaves, until when, where to look meanwhile. Pure. */
export const prepareDrills = (drills: readonly Drill[]): DrillLine[] =>
  drills.map(({ system, mode, until }) => ({
    system,
    name: drillSystemLabels[system],
    what: uses[system].what,
    isBroken: mode !== null,
    state: mode === null ? { label: "Works", tone: "good" } : { label: capital(drillModeLabels[mode]), tone: "bad" },
    until,
    look: { href: uses[system].href, label: uses[system].where },
  }));

/** What is broken on purpose, in one sentence. Pure. */
export function drillSentence(drills: readonly Drill[]): { tone: Tone; sentence: string } {
  const told = drills.flatMap(({ system, mode }) => (mode === null ? [] : [drillLabel(system, mode)]));
  if (told.length === 0) return { tone: "good", sentence: "No drill: every outside system works." };
  return { tone: "warn", sentence: `A drill: ${told.join("; ")}.` };
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
