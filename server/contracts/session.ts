/** What a page sends with what it asks by itself while nobody touches it: such a request is no reason to stay signed in. */
export const IDLE_HEADER = "x-idle";
