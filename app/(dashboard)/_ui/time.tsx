import { Text, Tooltip } from "@mantine/core";
import { formatTime } from "./format.ts";

/** A time of day, with the exact instant in UTC on hover or focus. */
export function Time({ at }: { at: string }) {
  return (
    <Tooltip label={at.replace("T", " ").replace("Z", " UTC")}>
      <Text component="time" dateTime={at} size="sm" className="numbers" suppressHydrationWarning>
        {formatTime(at)}
      </Text>
    </Tooltip>
  );
}
