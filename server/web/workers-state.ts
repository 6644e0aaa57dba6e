import { processWide } from "#server/platform/process-wide";

export type WorkersState = { isRunning: boolean; restarts: number };

/** How the supervised worker process is; written by the supervisor, read by pages. */
export const workersState = (): WorkersState => processWide("workers-state", () => ({ isRunning: false, restarts: 0 }));

/** They are dead when they ran and run no more; workers that are started elsewhere are none of ours. */
export const workersHere = (): { areDead: boolean } => {
  const { isRunning, restarts } = workersState();
  return { areDead: !isRunning && restarts > 0 };
};
