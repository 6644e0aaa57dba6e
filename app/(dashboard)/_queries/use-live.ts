"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { LiveChannel } from "#contracts/api/live";
import { type LiveFrame, liveLink } from "../_live/link.ts";
import { applyFrame, keepNewest } from "./apply-frames.ts";

/** How far what is on the screen can be trusted. `since`: when it was last heard of. */
export type Liveness = {
  state: "connecting" | "live" | "stale";
  since: Date;
  /** How far the browser's clock is ahead of the server's, ms. */
  aheadMs?: number;
};

/** A window that counts as visible may be covered and paint nothing: what came is then applied after so long, ms. */
const UNPAINTED_MS = 500;

/**
 * Keeps a page's queries as fresh as the server's stream, which all tabs of the browser share: applied at most once per
 * animation frame, nothing while the page is hidden, caught up by a snapshot when it is looked at again.
 */
export function useLive(...channels: LiveChannel[]): Liveness {
  const client = useQueryClient();
  const names = channels.join();
  const [liveness, setLiveness] = useState<Liveness>({ state: "connecting", since: new Date() });

  useEffect(() => {
    const shown = names.split(",");
    const link = liveLink();
    let frames: LiveFrame[] = [];
    let scheduled = 0;
    let unpainted: ReturnType<typeof setTimeout> | undefined;

    const judge = () => {
      const { state, sinceMs, aheadMs } = link.state();
      const heard = shown.map(link.heardMs).filter((ms) => ms !== undefined);
      const since = new Date(heard.length > 0 ? Math.max(...heard) : sinceMs);
      const isWhole = heard.length === shown.length;
      setLiveness({
        state: state === "live" && isWhole ? "live" : state === "stale" ? "stale" : "connecting",
        since,
        aheadMs,
      });
    };
    const apply = () => {
      cancelAnimationFrame(scheduled);
      clearTimeout(unpainted);
      scheduled = 0;
      for (const frame of keepNewest(frames)) applyFrame(client, frame);
      frames = [];
      judge();
    };
    const stop = link.listen({
      channels: shown,
      onFrame(frame) {
        frames.push(frame);
        if (scheduled) return;
        scheduled = requestAnimationFrame(apply);
        unpainted = setTimeout(apply, UNPAINTED_MS);
      },
      onState: judge,
    });
    judge();
    return () => {
      stop();
      cancelAnimationFrame(scheduled);
      clearTimeout(unpainted);
    };
  }, [names, client]);

  return liveness;
}
