/** So many rows before and behind those in sight are asked for beforehand. */
const BEFORE = 40;
const BEHIND = 100;

/** The pages, from 0, that somebody needs who sees the rows `first` to `last`, and moves on. Pure. */
export function pagesAround(first: number, last: number, size: number): number[] {
  const from = Math.max(0, Math.floor((first - BEFORE) / size));
  const to = Math.floor((last + BEHIND) / size);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
