import { supervise } from "./supervise.ts";
import { workersState } from "./workers-state.ts";

/** Keeps one worker process running, with all workers in it. */
export function superviseWorkers(): { stop(): Promise<void> } {
  let isStopping = false;
  const process = supervise({
    path: "workers/main.ts",
    what: "worker",
    onReady() {
      workersState().isRunning = true;
    },
    onEnd() {
      workersState().isRunning = false;
      if (!isStopping) workersState().restarts += 1;
    },
  });
  return {
    stop() {
      isStopping = true;
      return process.stop();
    },
  };
}
