"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { BrowsedRecord, BrowseLine } from "#contracts/api/operations";
import { type Browsing, browseRecords } from "./topics.ts";

export type Reading = {
  state: "reading" | "ended" | "stopped" | "failed";
  records: readonly BrowsedRecord[];
  progress: { read: number; matched: number; of: number } | null;
  /** Why it ended, in the server's words. */
  reason: string | null;
};

const BEGUN: Reading = { state: "reading", records: [], progress: null, reason: null };

/** Adds lines of the answer to what was read. Pure. */
export function takeLines(old: Reading, lines: readonly BrowseLine[]): Reading {
  const records = lines.flatMap((line) => ("record" in line ? line.record : []));
  const next: Reading = records.length === 0 ? { ...old } : { ...old, records: [...old.records, ...records] };
  for (const line of lines) {
    if ("progress" in line) next.progress = line.progress;
    if ("end" in line) {
      next.state = "ended";
      next.reason = line.end.reason;
      next.progress = { ...line.end, of: next.progress?.of ?? line.end.read };
    }
  }
  return next;
}

/**
 * Reads a topic as the question says and starts over when it changes, or when asked `again`. Lines are taken once per
 * animation frame, however fast they come. Leaving the page, or `stop`, ends the reading on the server too.
 */
export function useBrowse(topic: string, question: Browsing): Reading & { stop(): void; again(): void } {
  const [reading, setReading] = useState<Reading>(BEGUN);
  const [round, setRound] = useState(0);
  const abort = useRef<AbortController>(undefined);
  const asked = JSON.stringify(question);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is asked anew for the same question
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    let lines: BrowseLine[] = [];
    let scheduled = 0;
    const take = () => {
      cancelAnimationFrame(scheduled);
      scheduled = 0;
      const taken = lines;
      lines = [];
      setReading((old) => takeLines(old, taken));
    };
    const read = async () => {
      setReading(BEGUN);
      try {
        for await (const line of browseRecords(topic, JSON.parse(asked), controller.signal)) {
          lines.push(line);
          scheduled ||= requestAnimationFrame(take);
        }
        take();
        setReading((old) => (old.state === "reading" ? { ...old, state: "ended" } : old));
      } catch (error) {
        if (controller.signal.aborted) return;
        take();
        setReading((old) => ({ ...old, state: "failed", reason: (error as Error).message }));
      }
    };
    void read();
    return () => {
      controller.abort();
      cancelAnimationFrame(scheduled);
    };
  }, [topic, asked, round]);

  const stop = useCallback(() => {
    abort.current?.abort();
    setReading((old) => (old.state === "reading" ? { ...old, state: "stopped" } : old));
  }, []);
  const again = useCallback(() => setRound((count) => count + 1), []);
  return { ...reading, stop, again };
}
