"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { sessionQuery } from "../../_queries/session.ts";
import { type ActKind, type LetterAct, prepareRefusal } from "./prepare-acts.ts";

const PlanDialog = dynamic(() => import("./plan-dialog.tsx").then((module) => module.PlanDialog), { ssr: false });
const ArchiveDialog = dynamic(() => import("./archive-dialog.tsx").then((module) => module.ArchiveDialog), {
  ssr: false,
});

type LetterActs = {
  /** Opens the dialog of an act; nothing happens before it is agreed to. */
  open(act: LetterAct): void;
  /** Why I may not, in one sentence; null = I may. */
  refusal(kind: ActKind, letters: number | null): string | null;
  isOpen: boolean;
  /** Belongs somewhere on the page. */
  dialog: ReactNode;
};

/** Everything that can be done to letters, for any page that shows some. `onDone` = the letters are not what they were. */
export function useLetterActs(onDone?: () => void): LetterActs {
  const [act, setAct] = useState<LetterAct | null>(null);
  const session = useQuery(sessionQuery).data;
  const asker = session && { role: session.user.role, permissions: session.permissions };
  const close = () => setAct(null);
  return {
    open: setAct,
    refusal: (kind, letters) => prepareRefusal(kind, letters, asker),
    isOpen: act !== null,
    dialog: act && dialogOf(act, close, onDone),
  };
}

function dialogOf(act: LetterAct, onClose: () => void, onDone?: () => void): ReactNode {
  const { kind } = act;
  if (kind === "retry" || kind === "redirect") return <PlanDialog act={{ ...act, kind }} onClose={onClose} />;
  return <ArchiveDialog act={{ ...act, kind }} onClose={onClose} onDone={onDone} />;
}
