/** Whoever shows what was observed listens here. */
export const OBSERVED_CHANNEL = "observed";
/** Whoever looks at live figures says so here, every few seconds. */
export const WATCHED_CHANNEL = "watched";
