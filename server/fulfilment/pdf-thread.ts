import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { drawInvoice } from "./draw-invoice.ts";
import { drawLabel } from "./draw-label.ts";
import type { PdfAnswer, PdfJob } from "./pdf.ts";

/*
 * The thread behind `drawPdf`: one job after the other, and only with the CPU time that nobody else wants. On Linux the
 * priority is this thread's own; elsewhere it would be the whole process's, so there it is left alone.
 */
if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_LOW);

parentPort?.on("message", async (task: PdfJob & { job: number }) => {
  const { job } = task;
  try {
    const content = task.kind === "invoice" ? await drawInvoice(task.facts) : await drawLabel(task.facts);
    parentPort?.postMessage({ job, content } satisfies PdfAnswer);
  } catch (error) {
    parentPort?.postMessage({ job, error: (error as Error).message } satisfies PdfAnswer);
  }
});
