import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { getNonce } from "get-nonce";
import type { z } from "zod";
import type { EditCheck } from "#contracts/api/replays";
import { findPlace, readCursor } from "./json-places.ts";
import { type Schema, suggestNames, suggestValues } from "./prepare-completion.ts";

export type EditProblem = z.infer<typeof EditCheck>["problems"][number];
/** What is known of the text as it stands: its problems, or why they are not known. */
export type Checked = { problems: EditProblem[]; failure: string | null };

/** The text is checked when nobody has typed for so long, ms. */
const CHECK_AFTER_MS = 500;

/** What both sides look like. The content policy lets style elements through with the page's nonce only. */
export function look(label: string, isDark: boolean): Extension {
  const nonce = getNonce();
  return [
    basicSetup,
    json(),
    syntaxHighlighting({ style: (tags) => tags.map((tag) => `json-${tag}`).join(" ") }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    nonce ? EditorView.cspNonce.of(nonce) : [],
    EditorView.theme(
      {
        "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--mantine-color-text)" },
        ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)", caretColor: "var(--mantine-color-text)" },
        ".cm-gutters": {
          backgroundColor: "transparent",
          color: "var(--mantine-color-dimmed)",
          borderRight: "1px solid var(--mantine-color-default-border)",
        },
        ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--mantine-color-default-hover)" },
        ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
        ".cm-tooltip": {
          backgroundColor: "var(--mantine-color-body)",
          color: "var(--mantine-color-text)",
          border: "1px solid var(--mantine-color-default-border)",
        },
      },
      { dark: isDark },
    ),
  ];
}

/** The original: to be read, selected and copied, never typed into. */
export const locked: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false)];

/** Syntax first, without asking anybody; then contract and order, by the server. Problems stand at their places. */
export function checking(
  check: (text: string) => Promise<EditProblem[]>,
  onChecked: (checked: Checked) => void,
): Extension {
  const source = async (view: EditorView): Promise<Diagnostic[]> => {
    const { doc } = view.state;
    const broken = jsonParseLinter()(view);
    if (broken.length > 0) {
      const problems = broken.map(({ message }) => ({
        path: "",
        message: `This is not JSON: ${message}`,
        isFatal: true,
      }));
      onChecked({ problems, failure: null });
      return broken;
    }
    const text = doc.toString();
    try {
      const problems = await check(text);
      if (view.state.doc !== doc) return [];
      onChecked({ problems, failure: null });
      return problems.map(({ path, message, isFatal }) => ({
        ...findPlace(text, path),
        severity: isFatal ? ("error" as const) : ("warning" as const),
        message,
      }));
    } catch (error) {
      onChecked({ problems: [], failure: (error as Error).message });
      return [];
    }
  };
  return [linter(source, { delay: CHECK_AFTER_MS }), lintGutter()];
}

/** Names and values that the message's contract knows. */
export const completing = (schema: Schema | null): Extension =>
  autocompletion({ override: [(context) => (schema ? complete(schema, context) : null)] });

function complete(schema: Schema, { state, pos, explicit }: CompletionContext): CompletionResult | null {
  const text = state.doc.toString();
  const cursor = readCursor(text, pos);
  if (!cursor || (!explicit && cursor.from === pos)) return null;
  const { from, to, path, names, kind } = cursor;
  if (kind === "value")
    return { from, to, filter: false, options: suggestValues(schema, path).map((label) => ({ label, type: "enum" })) };
  const hasValue = /^\s*:/.test(text.slice(to));
  const typed = text.slice(from, pos).replaceAll('"', "").toLowerCase();
  const options = suggestNames(schema, path, names)
    .filter(({ label }) => label.toLowerCase().includes(typed))
    .map(({ label, detail, info }) => ({
      label,
      detail,
      info,
      type: "property",
      apply: `${JSON.stringify(label)}${hasValue ? "" : ": "}`,
    }));
  return { from, to, filter: false, options };
}
