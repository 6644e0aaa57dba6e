import { Worker } from "node:worker_threads";
import { processWide } from "#server/platform/process-wide";
import type { InvoiceFacts } from "./draw-invoice.ts";
import type { LabelFacts } from "./draw-label.ts";

export type PdfJob = { kind: "invoice"; facts: InvoiceFacts } | { kind: "label"; facts: LabelFacts };
export type PdfAnswer = { job: number; content: Uint8Array } | { job: number; error: string };

/**
 * Draws a PDF in a thread of its own, so that the event loop stays free. One thread per process: on two cores a second
 * one would only take the first one's time. A thread that dies fails its jobs and is replaced.
 */
export const drawPdf = (job: PdfJob): Promise<Buffer> => processWide("pdf-thread", () => new PdfThread()).draw(job);

class PdfThread {
  #worker: Worker | undefined;
  #waiting = new Map<number, PromiseWithResolvers<Buffer>>();
  #latest = 0;

  draw(job: PdfJob): Promise<Buffer> {
    this.#worker ??= this.#start();
    this.#latest += 1;
    const waiting = Promise.withResolvers<Buffer>();
    this.#waiting.set(this.#latest, waiting);
    this.#worker.postMessage({ ...job, job: this.#latest });
    return waiting.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./pdf-thread.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 },
    });
    worker.unref();
    worker.on("message", (answer: PdfAnswer) => {
      const waiting = this.#waiting.get(answer.job);
      this.#waiting.delete(answer.job);
      if ("error" in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(Buffer.from(answer.content));
    });
    worker.on("error", (error) => this.#fail(error as Error));
    worker.on("exit", () => this.#fail(new Error("the PDF thread ended")));
    return worker;
  }

  #fail(error: Error): void {
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
