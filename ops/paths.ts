import { dirname, join } from "node:path";

/** The project's folder. */
export const root = dirname(import.meta.dirname);

/** Everything we install, start or remember beside the project; not in git. */
export const state = join(root, ".services");
