import { Badge } from "@mantine/core";
import { type OrderStatus, orderStatusLabels, type Tone } from "#contracts/vocabulary";

/** What a tone looks like, wherever it is shown. */
export const toneColors = {
  neutral: "gray",
  progress: "blue",
  good: "teal",
  warn: "yellow",
  bad: "red",
} as const satisfies Record<Tone, string>;

/** A word with its urgency; the word carries the meaning, the colour only helps. */
export function ToneBadge({ label, tone, size = "sm" }: { label: string; tone: Tone; size?: "sm" | "lg" }) {
  return (
    <Badge color={toneColors[tone]} variant="dot" size={size} tt="none" c="inherit" style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}

/** An order's status as it is called everywhere. */
export function StatusBadge({ status, size }: { status: OrderStatus; size?: "sm" | "lg" }) {
  return <ToneBadge {...orderStatusLabels[status]} size={size} />;
}
