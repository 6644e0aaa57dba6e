import { processWide } from "#server/platform/process-wide";

export type WorkersState = { isRunning: boolean; restarts: number };

/** How the supervised worker process is; written by the supervisor, read by pages. */
export const workersState = (): WorkersState => processWide("workers-state", () => ({ isRunning: false, restarts: 0 }));
