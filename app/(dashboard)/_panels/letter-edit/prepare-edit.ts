import type { EditableHeader, LetterDetail } from "#contracts/api/dead-letters";
import type { EditRequest } from "#contracts/api/replays";
import type { Checked } from "./editor-extensions.ts";

/** A header while it is written; `id` tells rows apart that have one name. */
export type HeaderRow = EditableHeader & { id: number };

export const startHeaders = (headers: readonly EditableHeader[]): HeaderRow[] =>
  headers.map((header, id) => ({ ...header, id }));

/** A row more, to be named. Pure. */
export const addHeader = (rows: readonly HeaderRow[]): HeaderRow[] => [
  ...rows,
  { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: "", value: "", rule: "free" },
];

/** As much as an edit may hold, characters. */
const MAX_BODY = 200_000;

/** Why this body can't be edited here; null = it can. Pure. */
export function prepareUneditable({ body }: LetterDetail): string | null {
  if (body.text === null && body.bytes > 0)
    return "Its body is no text. Download it, repair it, and send it to the queue by hand.";
  if (body.bytes > MAX_BODY || (body.text?.length ?? 0) > MAX_BODY)
    return "Its body is too large to be edited here: 200,000 characters at most.";
  return null;
}

/** Whether leaving the page would lose something that somebody wrote. Pure. */
export const isUnsaved = (
  { body, headers, reason }: Pick<EditForm, "body" | "headers" | "reason">,
  { body: { text }, editableHeaders }: LetterDetail,
): boolean =>
  body !== (text ?? "") ||
  reason.trim() !== "" ||
  JSON.stringify(headers) !== JSON.stringify(startHeaders(editableHeaders));

export type EditForm = {
  letterVersion: number;
  body: string;
  headers: readonly HeaderRow[];
  reason: string;
  force: boolean;
};

/** Whether somebody who says why may send it although a check speaks against it. Pure. */
export const needsForce = ({ problems }: Checked, { letter }: LetterDetail): boolean =>
  letter.status === "succeeded" || problems.some(({ isFatal }) => !isFatal);

/** The request, or why there is none yet, in one sentence. Pure. */
export function prepareEdit(
  form: EditForm,
  checked: Checked | null,
  detail: LetterDetail,
): { request: EditRequest } | { missing: string } {
  const headers = form.headers.map(({ name, value }) => ({ name: name.trim(), value }));
  if (!checked) return { missing: "The body is being checked." };
  if (checked.problems.some(({ isFatal }) => isFatal)) return { missing: "Repair the body first." };
  if (headers.some(({ name }) => name === "")) return { missing: "A header has no name." };
  if (form.body.length > MAX_BODY) return { missing: "The body is too large: 200,000 characters at most." };
  if (needsForce(checked, detail) && !form.force)
    return { missing: "A check speaks against it: repair it, or force it." };
  if (form.reason.trim().length < 3) return { missing: "Say why." };
  const { letterVersion, body, reason, force } = form;
  return { request: { letterVersion, body, headers, reason: reason.trim(), force } };
}
