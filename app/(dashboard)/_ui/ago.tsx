"use client";

import { Text, Tooltip } from "@mantine/core";
import { formatAgo } from "./format.ts";
import { useNow } from "./use-now.ts";

/** How long ago something was, with the exact instant in UTC on hover. */
export function Ago({ at, size = "sm" }: { at: string; size?: "xs" | "sm" }) {
  const now = useNow();
  return (
    <Tooltip label={at.replace("T", " ").replace("Z", " UTC")}>
      <Text component="time" dateTime={at} size={size} className="numbers" span suppressHydrationWarning>
        {formatAgo(at, now)}
      </Text>
    </Tooltip>
  );
}
