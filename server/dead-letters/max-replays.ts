/** The loop guard: so many replays, and the letter needs an edit or an override with a reason. */
export const MAX_REPLAYS = 3;
