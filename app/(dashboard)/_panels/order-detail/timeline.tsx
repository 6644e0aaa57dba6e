import { Box, Group, Stack, Text } from "@mantine/core";
import type { OrderEvent } from "#contracts/api/orders";
import { formatDuration } from "../../_ui/format.ts";
import { Time } from "../../_ui/time.tsx";
import { prepareTimeline } from "./prepare-timeline.ts";

/** Every event of the order, with who said it, how long it took and where Kafka keeps it. */
export function Timeline({ events }: { events: readonly OrderEvent[] }) {
  return (
    <Stack gap={0} component="ol" m={0} p={0} style={{ listStyle: "none" }}>
      {prepareTimeline(events).map((step) => (
        <Box component="li" key={step.seq} className="timeline-line" pl="md" pb="sm">
          <Group justify="space-between" wrap="nowrap" align="baseline">
            <Text fw={600} c={step.isBad ? "var(--mantine-color-error)" : undefined}>
              {step.title}
            </Text>
            <Group gap="xs" wrap="nowrap" className="numbers">
              {step.tookMs !== null && (
                <Text size="sm" c="dimmed">
                  +{formatDuration(step.tookMs)}
                </Text>
              )}
              <Time at={step.occurredAt} />
            </Group>
          </Group>
          <Text size="xs" c="dimmed" className="numbers">
            #{step.seq} {step.type} by {step.source} ·{" "}
            {step.kafkaPartition === null
              ? step.sentAt
                ? "on Kafka"
                : "on its way to Kafka"
              : `order.events, partition ${step.kafkaPartition}, offset ${step.kafkaOffset}`}
          </Text>
        </Box>
      ))}
    </Stack>
  );
}
