"use client";

import { Table, Text } from "@mantine/core";
import { FigureTable } from "../../_ui/figure-table.tsx";
import type { QueueLine } from "./prepare-queues.ts";

const columns = [
  { label: "Queue" },
  { label: "Ready", isNumber: true },
  { label: "Unacknowledged", isNumber: true },
  { label: "Consumers", isNumber: true },
  { label: "In", isNumber: true },
  { label: "Out", isNumber: true },
  { label: "Acknowledged", isNumber: true },
];

/** Queues with their figures; `label` names the table. */
export function QueueTable({ label, lines }: { label: string; lines: readonly QueueLine[] }) {
  return (
    <FigureTable label={label} columns={columns} minWidth={760}>
      {lines.map((line) => (
        <Table.Tr key={line.name}>
          <Table.Td>
            <Text size="sm" fw={600}>
              {line.name}
            </Text>
            {line.part && (
              <Text size="xs" c="dimmed">
                {line.part}
              </Text>
            )}
          </Table.Td>
          <Table.Td ta="right">{line.ready}</Table.Td>
          <Table.Td ta="right">{line.unacked}</Table.Td>
          <Table.Td ta="right">{line.consumers}</Table.Td>
          <Table.Td ta="right">{line.in}</Table.Td>
          <Table.Td ta="right">{line.out}</Table.Td>
          <Table.Td ta="right">{line.acked}</Table.Td>
        </Table.Tr>
      ))}
    </FigureTable>
  );
}
