import { describe, expect, test } from "vitest";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { addHeader, type EditForm, isUnsaved, prepareEdit, prepareUneditable, startHeaders } from "./prepare-edit.ts";

const detail = {
  letter: { status: "dead" },
  body: { bytes: 2, text: "{}", base64: null, note: null },
  editableHeaders: [{ name: "event-id", value: "7", rule: "locked" }],
} as unknown as LetterDetail;
const form: EditForm = {
  letterVersion: 4,
  body: "{}",
  headers: startHeaders([{ name: "event-id", value: "7", rule: "locked" }]),
  reason: " the total was a text ",
  force: false,
};
const fine = { problems: [], failure: null };
const doubtful = { problems: [{ path: "data.amountCents", message: "not the total", isFatal: false }], failure: null };
const fatal = { problems: [{ path: "", message: "not JSON", isFatal: true }], failure: null };

describe("an edit", () => {
  test("leaves with the version it started from, its headers and its reason", () => {
    expect(prepareEdit(form, fine, detail)).toEqual({
      request: {
        letterVersion: 4,
        body: "{}",
        headers: [{ name: "event-id", value: "7" }],
        reason: "the total was a text",
        force: false,
      },
    });
  });

  test.each<[string, Partial<EditForm>, Parameters<typeof prepareEdit>[1], string]>([
    ["before it is checked", {}, null, "The body is being checked."],
    ["while it is broken, not even by force", { force: true }, fatal, "Repair the body first."],
    ["against a check without force", {}, doubtful, "A check speaks against it: repair it, or force it."],
    ["without a reason", { reason: " x" }, fine, "Say why."],
    ["with a header without a name", { headers: addHeader(form.headers) }, fine, "A header has no name."],
  ])("does not leave %s", (_, change, checked, missing) => {
    expect(prepareEdit({ ...form, ...change }, checked, detail)).toEqual({ missing });
  });

  test("against a check leaves by force", () => {
    expect(prepareEdit({ ...form, force: true }, doubtful, detail)).toHaveProperty("request");
  });

  test("of what succeeded in the meantime needs force, too", () => {
    const succeeded = { ...detail, letter: { ...detail.letter, status: "succeeded" as const } };
    expect(prepareEdit(form, fine, succeeded)).toHaveProperty("missing");
  });

  test("can still be sent when the check can't be asked: the server checks again", () => {
    expect(prepareEdit(form, { problems: [], failure: "away" }, detail)).toHaveProperty("request");
  });
});

test("what is no text, or too long, is not edited here", () => {
  expect(prepareUneditable(detail)).toBeNull();
  expect(prepareUneditable({ ...detail, body: { bytes: 0, text: null, base64: null, note: "null" } })).toBeNull();
  expect(prepareUneditable({ ...detail, body: { bytes: 2, text: null, base64: "AP8=", note: null } })).toContain(
    "no text",
  );
  expect(prepareUneditable({ ...detail, body: { ...detail.body, bytes: 200_001 } })).toContain("too large");
});

test("a new header row is never taken for another one", () => {
  const rows = addHeader(addHeader([]));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
});

test("only what somebody wrote is lost by leaving", () => {
  const untouched = { ...form, reason: "" };
  expect(isUnsaved(untouched, detail)).toBe(false);
  expect(isUnsaved({ ...untouched, reason: "because" }, detail)).toBe(true);
  expect(isUnsaved({ ...untouched, body: "{ }" }, detail)).toBe(true);
  expect(isUnsaved({ ...untouched, headers: addHeader(form.headers) }, detail)).toBe(true);
});
