/**
 * Does `work` at once, and again at most every `everyMs` while it is asked for; never twice at the same time.
 * @returns what to call when there is something to do.
 */
export function throttle(everyMs: number, onError: (error: Error) => void, work: () => Promise<void>): () => void {
  let isAsked = false;
  let isBusy = false;
  const run = async () => {
    isBusy = true;
    isAsked = false;
    const startedMs = Date.now();
    await work().catch(onError);
    setTimeout(
      () => {
        isBusy = false;
        if (isAsked) void run();
      },
      Math.max(0, startedMs + everyMs - Date.now()),
    ).unref();
  };
  return () => {
    isAsked = true;
    if (!isBusy) void run();
  };
}
