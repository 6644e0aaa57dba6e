"use client";

import { Anchor, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { BrowsedRecord } from "#contracts/api/operations";
import { Time } from "../../_ui/time.tsx";
import { VirtualTable } from "../../_ui/virtual-table.tsx";
import { placeOf, prepareRecord } from "./prepare-browse.ts";

const columns = [
  { label: "Offset", width: 130 },
  { label: "Partition", isNumber: true, width: 90 },
  { label: "Time", width: 200 },
  { label: "Key", width: 200 },
  { label: "Value" },
  { label: "Order", width: 80 },
];

/** Records as lines; each opens whole. */
export function RecordTable({
  records,
  onOpen,
}: {
  records: readonly BrowsedRecord[];
  /** `partition:offset` */
  onOpen(place: string): void;
}) {
  return (
    <VirtualTable
      label="Records"
      columns={columns}
      minWidth={1060}
      rows={records}
      keyOf={placeOf}
      renderRow={(record) => {
        const line = prepareRecord(record);
        return (
          <>
            <Table.Td>
              <Anchor
                component="button"
                type="button"
                size="sm"
                fw={600}
                onClick={() => onOpen(line.place)}
                aria-label={`Open offset ${line.offset} of partition ${line.partition}`}
              >
                {line.offset}
              </Anchor>
            </Table.Td>
            <Table.Td ta="right">{line.partition}</Table.Td>
            <Table.Td>
              <Time at={line.at} />
            </Table.Td>
            <Table.Td>
              <Text size="xs" truncate title={line.key}>
                {line.key}
              </Text>
            </Table.Td>
            <Table.Td>
              <Text size="xs" truncate ff="monospace">
                {line.preview}
              </Text>
            </Table.Td>
            <Table.Td>
              {record.orderId && (
                <Anchor component={Link} href={`/orders/${record.orderId}`} prefetch={false} size="sm">
                  Order
                </Anchor>
              )}
            </Table.Td>
          </>
        );
      }}
    />
  );
}
