import type { Overview } from "#contracts/api/overview";

export type Bar = { label: string; placed: number; ended: number };

/** Bars of whole minutes, labelled with the local time of day; `ended` are those of the placed that failed or were undone. Pure. */
export const preparePlaced = (minutes: Overview["placedPerMinute"]): Bar[] =>
  minutes.map(({ minute, placed, ended }) => ({
    label: new Date(minute).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }),
    placed: placed - ended,
    ended,
  }));
