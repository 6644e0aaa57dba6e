import { Badge } from "@mantine/core";
import { type OrderStatus, orderStatusLabels } from "#contracts/vocabulary";

const colors = { neutral: "gray", progress: "blue", good: "teal", bad: "red" } as const;

/** A status as it is called everywhere; the word carries the meaning, the colour only helps. */
export function StatusBadge({ status, size = "sm" }: { status: OrderStatus; size?: "sm" | "lg" }) {
  const { label, tone } = orderStatusLabels[status];
  return (
    <Badge color={colors[tone]} variant="dot" size={size} tt="none" c="inherit">
      {label}
    </Badge>
  );
}
