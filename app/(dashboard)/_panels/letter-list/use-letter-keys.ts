"use client";

import { useRouter } from "next/navigation";
import type { RefObject } from "react";
import type { LetterRow } from "#contracts/api/dead-letters";
import { useKeys } from "../../_ui/use-keys.ts";
import type { ActKind } from "../letter-acts/prepare-acts.ts";
import type { LetterRowsHandle } from "./letter-rows.tsx";
import { step } from "./prepare-selection.ts";

type LetterKeys = {
  total: number;
  active: string | null;
  rows: RefObject<LetterRowsHandle | null>;
  search: RefObject<HTMLInputElement | null>;
  isOn: boolean;
  /** The page is left after this. */
  onLeave(): void;
  onActivate(id: string): void;
  onToggle(id: string): void;
  /** Letters are chosen: acts are about them, not about the active row. */
  hasChosen: boolean;
  onBulk(kind: ActKind): void;
  onAct(kind: ActKind, letter: LetterRow): void;
  onClear(): void;
  mayEdit: boolean;
};

/** The list by keys alone. A key that finds its row out of sight brings it into sight and does nothing else. */
export function useLetterKeys(asked: LetterKeys): void {
  const router = useRouter();
  const { total, active, rows, search, isOn } = asked;

  const move = (by: 1 | -1) => () => {
    const { current } = rows;
    if (!current || total === 0) return;
    const index = step(current.indexOf(active), total, by, current.firstInSight());
    const next = current.letterAt(index);
    if (next) asked.onActivate(next.id);
    current.focus();
    current.show(index);
  };
  const onRow = (act: (letter: LetterRow) => void) => () => {
    const { current } = rows;
    const index = current?.indexOf(active) ?? -1;
    const letter = current?.letterAt(index);
    if (letter && current?.show(index)) act(letter);
  };
  const go = (path: string) => {
    asked.onLeave();
    router.push(path);
  };
  const open = onRow(({ id }) => go(`/dead-letters/letters/${id}`));

  useKeys(
    {
      j: move(1),
      k: move(-1),
      ArrowDown: move(1),
      ArrowUp: move(-1),
      x: onRow(({ id }) => asked.onToggle(id)),
      Enter: open,
      o: open,
      r: asked.hasChosen ? () => asked.onBulk("retry") : onRow((letter) => asked.onAct("retry", letter)),
      a: asked.hasChosen ? () => asked.onBulk("archive") : onRow((letter) => asked.onAct("archive", letter)),
      e: onRow(({ id }) => asked.mayEdit && go(`/dead-letters/letters/${id}/edit`)),
      "/": () => search.current?.focus(),
      Escape: asked.onClear,
    },
    isOn,
  );
}
