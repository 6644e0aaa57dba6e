"use client";

import { EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import type { Way } from "./prepare-map.ts";
import { statusLooks } from "./status-look.tsx";

/** A way between two places, with its rate and what waits on it. */
export function WayEdge({ data }: EdgeProps) {
  const { way, path, label } = data as { way: Way; path?: string; label?: { x: number; y: number } };
  if (!path || !label) return null;
  const { color, dashes, icon: Icon } = statusLooks[way.status];
  const hasIcon = way.status !== "ok";
  return (
    <>
      <path
        d={path}
        fill="none"
        stroke={color}
        strokeWidth={way.status === "bad" ? 3 : 2}
        strokeDasharray={dashes}
        strokeOpacity={way.status === "ok" ? 0.6 : 1}
      />
      <EdgeLabelRenderer>
        <div
          className="map-way numbers"
          aria-hidden="true"
          style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
        >
          {hasIcon && way.lines.length === 0 && <Icon size={11} color={color} />}
          {way.lines.map((line, index) => (
            <div key={line}>
              {index === 0 && hasIcon && <Icon size={11} color={color} style={{ marginRight: 3 }} />}
              {line}
            </div>
          ))}
        </div>
      </EdgeLabelRenderer>
    </>
  );
}
