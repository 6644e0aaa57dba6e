"use client";

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { type Checked, checking, completing, type EditProblem, locked, look } from "./editor-extensions.ts";
import styles from "./json-editor.module.css";
import { findPlace } from "./json-places.ts";
import type { Schema } from "./prepare-completion.ts";

export type JsonEditorHandle = {
  /** Goes to where a dotted path stands in the text. */
  reveal(path: string): void;
};

type JsonEditorProps = {
  original: string;
  schema: Schema | null;
  check(text: string): Promise<EditProblem[]>;
  onChange(text: string): void;
  onChecked(checked: Checked): void;
  handle: Ref<JsonEditorHandle>;
};

/** The body, with its original beside it; on a narrow screen both in one column. */
export function JsonEditor(props: JsonEditorProps) {
  const { original, handle } = props;
  const isDark = useComputedColorScheme("light") === "dark";
  const isNarrow = useMediaQuery("(max-width: 62em)", false);
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const text = useRef(original);
  const latest = useRef(props);
  latest.current = props;

  // Made anew when the colours or the layout change; the text typed so far goes along.
  useEffect(() => {
    if (!parent.current) return;
    const editing = [
      look("Corrected body", isDark),
      completing(latest.current.schema),
      checking(
        (body) => latest.current.check(body),
        (checked) => latest.current.onChecked(checked),
      ),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (!docChanged) return;
        text.current = state.doc.toString();
        latest.current.onChange(text.current);
      }),
    ];
    const doc = text.current;
    if (isNarrow) {
      const extensions = [editing, unifiedMergeView({ original, mergeControls: false })];
      const single = new EditorView({ parent: parent.current, state: EditorState.create({ doc, extensions }) });
      view.current = single;
      return () => single.destroy();
    }
    const merge = new MergeView({
      parent: parent.current,
      a: { doc: original, extensions: [look("Original body", isDark), locked] },
      b: { doc, extensions: editing },
      revertControls: "a-to-b",
    });
    view.current = merge.b;
    return () => merge.destroy();
  }, [original, isDark, isNarrow]);

  useImperativeHandle(handle, () => ({
    reveal(path) {
      const editor = view.current;
      if (!editor) return;
      const { from, to } = findPlace(editor.state.doc.toString(), path);
      editor.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
      editor.focus();
    },
  }));
  return <div ref={parent} className={styles.editor} />;
}
