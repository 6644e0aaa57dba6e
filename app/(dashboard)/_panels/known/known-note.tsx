"use client";

import { Alert, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import type { Known } from "#contracts/api/operations";
import { useClock, useToday } from "../../_ui/clock.ts";
import { prepareGaps } from "./prepare-known.ts";

/** Says which broker can't be asked since when; nothing while all answer. */
export function KnownNote({ known, brokers }: { known: Known; brokers: readonly ("kafka" | "rabbitmq")[] }) {
  const clock = useClock();
  const today = useToday();
  return prepareGaps(known, brokers, clock, today).map(({ broker, title, detail }) => (
    <Alert
      key={broker}
      color="red"
      variant="outline"
      role="status"
      icon={<IconPlugConnectedX aria-hidden />}
      title={
        <Text c="var(--mantine-color-text)" fw={600} size="sm" component="span">
          {title}
        </Text>
      }
    >
      <Text size="sm">{detail}</Text>
    </Alert>
  ));
}
