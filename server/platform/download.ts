const types = { csv: "text/csv; charset=utf-8", json: "application/json" };

export type DownloadFormat = keyof typeof types;

/** A file that the browser keeps, written as fast as it is read; who stops reading stops the writing. `name` without its ending. */
export function download(parts: AsyncGenerator<string, void>, name: string, format: DownloadFormat): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": types[format],
      "content-disposition": `attachment; filename="${name}.${format}"`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

/** `2026-11-21`, for the names of files. */
export const today = (): string => new Date().toISOString().slice(0, 10);
