// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
// biome-ignore-all lint/a11y/useSemanticElements: a grid of rows that come and go has no element of its own
"use client";

import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { LetterRow } from "#contracts/api/dead-letters";
import type { LetterIndex } from "../../_queries/dead-letters.ts";
import { useNow } from "../../_ui/use-now.ts";
import { EmptyLine, LetterLine, lineId } from "./letter-line.tsx";
import styles from "./letter-rows.module.css";
import type { Chosen } from "./prepare-selection.ts";
import { useLoadedLetters } from "./use-loaded-letters.ts";

/** Row heights, px; a narrow screen gives each letter three lines. */
const WIDE = 46;
const NARROW = 98;
/** How exactly the age of a letter reads, ms. */
const AGE_MS = 5_000;

export type LetterRowsHandle = {
  /** Brings a row into sight. @returns whether all of it was in sight already. */
  show(index: number): boolean;
  firstInSight(): number;
  /** The letter in this place, from 0, if it is there and loaded. */
  letterAt(index: number): LetterRow | null | undefined;
  /** The place of a letter that is loaded, else -1. */
  indexOf(id: string | null): number;
  /** From now on keys are the grid's, not those of the tab or button pressed last. */
  focus(): void;
};

type LetterRowsProps = {
  list: LetterIndex;
  chosen: Chosen;
  active: string | null;
  onToggle(id: string): void;
  onToggleAll(): void;
  onActivate(id: string): void;
  handle: Ref<LetterRowsHandle>;
};

/** Rows over any number of letters: only those in sight exist. */
export function LetterRows(props: LetterRowsProps) {
  const { list, chosen, active, onToggle, onToggleAll, onActivate, handle } = props;
  const { total, size, first, filter } = list;
  const frame = useRef<HTMLDivElement>(null);
  // By the tick, not by the frame: a row is drawn again when its age may read differently.
  const now = Math.floor(useNow() / AGE_MS) * AGE_MS;
  const isNarrow = useMediaQuery("(max-width: 62em)", false);
  const height = isNarrow ? NARROW : WIDE;
  const { letterAt, indexOf, onSight } = useLoadedLetters(list);
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes, nothing else
  useEffect(() => rows.measure(), [height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its top
  useEffect(() => {
    // In braces: newer Chromium gives a promise back, which React would take for a clean-up and call.
    frame.current?.scrollTo({ top: 0 });
  }, [filter]);
  const items = rows.getVirtualItems();
  const [firstIndex, lastIndex] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onSight(firstIndex, lastIndex, size), [onSight, firstIndex, lastIndex, size]);
  useImperativeHandle(handle, () => ({
    show: (index) => showRow(rows, frame.current, index, height),
    focus: () => frame.current?.focus({ preventScroll: true }),
    firstInSight: () => Math.ceil((frame.current?.scrollTop ?? 0) / height),
    letterAt,
    indexOf,
  }));
  const isEveryChosen = chosen.isAll || (chosen.ids.size >= total && first.every(({ id }) => chosen.ids.has(id)));

  return (
    <div
      ref={frame}
      className={styles.frame}
      tabIndex={0}
      role="grid"
      aria-label="Dead letters"
      aria-multiselectable
      aria-rowcount={total + 1}
      aria-activedescendant={
        active && items.some(({ index }) => letterAt(index)?.id === active) ? lineId(active) : undefined
      }
    >
      <div role="rowgroup" className={styles.head}>
        <Head isEveryChosen={isEveryChosen} onToggleAll={onToggleAll} />
      </div>
      <div role="rowgroup" className={styles.sizer} style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const letter = letterAt(index);
          const place = { index, top: start, height };
          return letter ? (
            <LetterLine
              key={letter.id}
              {...place}
              letter={letter}
              now={now}
              isChosen={chosen.isAll || chosen.ids.has(letter.id)}
              isActive={letter.id === active}
              onToggle={onToggle}
              onActivate={onActivate}
            />
          ) : (
            <EmptyLine key={index} {...place} hasLeft={letter === null} />
          );
        })}
      </div>
    </div>
  );
}

function Head({ isEveryChosen, onToggleAll }: { isEveryChosen: boolean; onToggleAll(): void }) {
  return (
    <div role="row" aria-rowindex={1} style={{ display: "contents" }}>
      <span role="columnheader" className={styles.box}>
        <input type="checkbox" checked={isEveryChosen} onChange={onToggleAll} aria-label="Select all letters" />
      </span>
      {["Message", "Status", "Error", "Order", "Customer"].map((name) => (
        <span key={name} role="columnheader">
          {name}
        </span>
      ))}
      <span role="columnheader" className={styles.end}>
        Money
      </span>
      <span role="columnheader" className={styles.end}>
        Died
      </span>
    </div>
  );
}

/** The head covers the top of the frame on a wide screen. */
function showRow(
  rows: Virtualizer<HTMLDivElement, Element>,
  frame: HTMLDivElement | null,
  index: number,
  height: number,
) {
  if (!frame || index < 0) return false;
  const head = frame.firstElementChild?.clientHeight ?? 0;
  const top = index * height;
  const isInSight = top >= frame.scrollTop && top + height + head <= frame.scrollTop + frame.clientHeight;
  if (isInSight) return true;
  const isAbove = top < frame.scrollTop;
  rows.scrollToOffset(isAbove ? top : top + height + head - frame.clientHeight);
  return false;
}
