// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
// biome-ignore-all lint/a11y/useSemanticElements: a grid of rows that come and go has no element of its own
import Link from "next/link";
import { memo } from "react";
import type { LetterRow } from "#contracts/api/dead-letters";
import { Personal } from "../../_ui/personal.tsx";
import styles from "./letter-rows.module.css";
import { prepareRow } from "./prepare-row.ts";

type Place = {
  /** In the list, from 0. */
  index: number;
  /** Where and how high, px. */
  top: number;
  height: number;
};

type LetterLineProps = Place & {
  letter: LetterRow;
  /** ms. */
  now: number;
  isChosen: boolean;
  isActive: boolean;
  onToggle(id: string): void;
  onActivate(id: string): void;
};

export const lineId = (letterId: string): string => `letter-${letterId}`;

/** One row. Plain elements: thousands of them pass by while somebody scrolls. */
export const LetterLine = memo(function LetterLine(props: LetterLineProps) {
  const { letter, index, now, top, height, isChosen, isActive, onToggle, onActivate } = props;
  const { what, where, label, tone, error, order, customer, money, died } = prepareRow(letter, now);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the grid's, see useLetterKeys
    <div
      role="row"
      id={lineId(letter.id)}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      data-active={isActive || undefined}
      className={styles.row}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={({ target }) => {
        // A link leads away: changing the page's state meanwhile would call that off.
        if (!(target as Element).closest("a")) onActivate(letter.id);
      }}
    >
      <span role="gridcell" className={styles.box}>
        <input
          type="checkbox"
          checked={isChosen}
          onChange={() => onToggle(letter.id)}
          aria-label={`Select ${what}, order ${order}`}
        />
      </span>
      <span role="gridcell" className={styles.cell}>
        <Link href={`/dead-letters/letters/${letter.id}`} prefetch={false} className={styles.link}>
          {what}
        </Link>
        <span className={styles.where}>{where}</span>
      </span>
      <span role="gridcell" className={`${styles.cell} ${styles.status}`} data-tone={tone}>
        {label}
      </span>
      <span role="gridcell" className={styles.cell} title={error}>
        {error}
      </span>
      <span role="gridcell" className={styles.cell}>
        {letter.orderId ? (
          <Link href={`/orders/${letter.orderId}`} prefetch={false} className={styles.link}>
            {order}
          </Link>
        ) : (
          order
        )}
      </span>
      <span role="gridcell" className={styles.cell}>
        <Personal>{customer}</Personal>
      </span>
      <span role="gridcell" className={`${styles.cell} ${styles.end}`}>
        {money}
      </span>
      <span role="gridcell" className={`${styles.cell} ${styles.end}`}>
        <time dateTime={letter.diedAt} title={letter.diedAt}>
          {died}
        </time>
      </span>
    </div>
  );
});

/** The place of a letter that is not here yet, or not any more. */
export const EmptyLine = memo(function EmptyLine({ index, top, height, hasLeft }: Place & { hasLeft: boolean }) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-busy={!hasLeft}
      className={styles.row}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" />
      <span role="gridcell" className={`${styles.cell} ${styles.absent}`}>
        {hasLeft ? "has left this list" : "…"}
      </span>
    </div>
  );
});
