import type { LetterFilter } from "#contracts/api/dead-letters";
import type { Selection } from "#contracts/api/replays";
import type { Permission } from "#contracts/permissions";

/** What can be done to letters, and how the button says it. */
export const actLabels = {
  retry: "Retry",
  redirect: "Redirect",
  archive: "Archive",
  restore: "Restore",
  purge: "Purge",
} as const;
export type ActKind = keyof typeof actLabels;

/** Something to do to some letters, before anybody has agreed to it. */
export type LetterAct = {
  kind: ActKind;
  selection: Selection;
  /** Letters as far as the page knows; the server counts again. null = as many as the filter finds. */
  letters: number | null;
  /** What is selected, in words: `412 letters of “the partner answered #”`. */
  what: string;
};

export type Asker = { role: string; permissions: readonly string[] };

/** What an act needs: a single letter is an operator's business, several in one act a lead's. Pure. */
export function neededPermission(kind: ActKind, letters: number | null): Permission {
  if (kind === "redirect") return "dead-letters:redirect";
  if (kind === "retry" && letters === 1) return "dead-letters:replay";
  return "dead-letters:bulk";
}

/** Why somebody may not do it, in one sentence; null = may. The server checks again. Pure. */
export function prepareRefusal(kind: ActKind, letters: number | null, asker: Asker | undefined): string | null {
  if (letters === 0) return "No letter is selected.";
  if (!asker) return "Your role is not known yet.";
  const isMissing = (permission: Permission) => !asker.permissions.includes(permission);
  if (isMissing(neededPermission(kind, letters)) || (letters !== 1 && isMissing("dead-letters:bulk")))
    return `Your role, ${asker.role}, may not ${actLabels[kind].toLowerCase()} ${letters === 1 ? "a letter" : "several letters at once"}.`;
  return null;
}

/** All letters of a cause that still wait. */
export const ofGroup = (groupId: string): Selection => ({ filter: { status: "unsettled", groupId } });

/** All letters of an order that still wait, in the order of its history. */
export const ofOrder = (orderId: string): Selection => ({ filter: { status: "unsettled", orderId } });

/** All letters that a list shows now. */
export const ofFilter = (filter: Partial<LetterFilter>): Selection => ({
  filter: { ...filter, status: filter.status ?? "unsettled" },
});
