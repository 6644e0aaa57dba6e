import type { LetterFilter, LetterPages } from "#contracts/api/dead-letters";
import { MAX_CHOSEN } from "#contracts/api/replays";
import { formatCount } from "../../_ui/format.ts";
import { type LetterAct, ofFilter } from "../letter-acts/prepare-acts.ts";

/** Letters chosen by id, never by position; or all that the filter finds when the act begins. */
export type Chosen = { ids: ReadonlySet<string>; isAll: boolean };

export const nothing: Chosen = { ids: new Set(), isAll: false };

/** As many ids as a URL of ours carries; a larger choice lives in the page only. */
const MAX_IN_URL = 40;
/** Adds what is not chosen and takes away what is. Pure. */
export function toggle(chosen: Chosen, id: string): Chosen {
  const ids = new Set(chosen.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, isAll: false };
}

/**
 * Chooses the whole list, or lets go of all when the whole of it was chosen. A list of one page is chosen letter by letter,
 * so that none that comes later is among them; a longer one as all that match. Pure.
 */
export function toggleAll(chosen: Chosen, { first, total }: Pick<LetterPages, "first" | "total">): Chosen {
  if (chosen.isAll) return nothing;
  if (first.length < total) return { ids: new Set(), isAll: true };
  const areChosen = total > 0 && first.every(({ id }) => chosen.ids.has(id));
  return areChosen ? nothing : { ids: new Set([...chosen.ids, ...first.map(({ id }) => id)]), isAll: false };
}

/** What a bulk act is about; null = nothing is chosen. Pure. */
export function prepareBulk(chosen: Chosen, filter: Partial<LetterFilter>): Omit<LetterAct, "kind"> | null {
  if (chosen.isAll) return { selection: ofFilter(filter), letters: null, what: "all letters that match" };
  const letterIds = [...chosen.ids];
  if (letterIds.length === 0) return null;
  return { selection: { letterIds }, letters: letterIds.length, what: formatCount(letterIds.length, "letter") };
}

/** What is chosen, in words. Pure. */
export function describeChosen({ ids, isAll }: Chosen): string {
  if (isAll) return "All that match are selected";
  return ids.size === 0 ? "No letter is selected" : `${formatCount(ids.size, "letter is", "letters are")} selected`;
}

/** The choice as the URL carries it; null = not at all. Pure. */
export function toUrl({ ids, isAll }: Chosen): string | null {
  if (isAll) return "all";
  return ids.size === 0 || ids.size > MAX_IN_URL ? null : [...ids].join(",");
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads what `toUrl` wrote; anything else in it is left out. Pure. */
export function fromUrl(text: string | null): Chosen {
  if (text === "all") return { ids: new Set(), isAll: true };
  return { ids: new Set((text ?? "").split(",").filter((id) => uuid.test(id))), isAll: false };
}

/** The place a step further; from nowhere (-1) the first in sight. Never beyond the ends. Pure. */
export function step(at: number, total: number, by: 1 | -1, firstInSight: number): number {
  return Math.min(total - 1, Math.max(0, at < 0 ? firstInSight : at + by));
}

/** Why so many can't be acted on by hand; null = they can. Pure. */
export const prepareTooMany = ({ ids, isAll }: Chosen): string | null =>
  !isAll && ids.size > MAX_CHOSEN
    ? `More than ${MAX_CHOSEN.toLocaleString("en-GB")} by hand: select all that match instead.`
    : null;

/** What an export holds, in words: the chosen letters, or all that the filter finds while none is. Pure. */
export const describeExport = ({ ids, isAll }: Chosen): string =>
  isAll || ids.size === 0 ? "Export all that match:" : `Export ${formatCount(ids.size, "selected letter")}:`;
