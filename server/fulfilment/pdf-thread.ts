import { parentPort } from "node:worker_threads";
import { drawInvoice } from "./draw-invoice.ts";
import { drawLabel } from "./draw-label.ts";
import type { PdfAnswer, PdfJob } from "./pdf.ts";

/* The thread behind `drawPdf`: one job after the other. */

parentPort?.on("message", async (task: PdfJob & { job: number }) => {
  const { job } = task;
  try {
    const content = task.kind === "invoice" ? await drawInvoice(task.facts) : await drawLabel(task.facts);
    parentPort?.postMessage({ job, content } satisfies PdfAnswer);
  } catch (error) {
    parentPort?.postMessage({ job, error: (error as Error).message } satisfies PdfAnswer);
  }
});
