"use client";

import { Table } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import type { Column } from "./figure-table.tsx";
import { usePreference } from "./preferences.ts";

/** Row heights, px. */
const heights = { comfortable: 40, compact: 30 } as const;
const FRAME = 560;

type VirtualTableProps<Row> = {
  label: string;
  columns: readonly (Column & { width?: number })[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** The cells of a row; each must keep to one line. */
  renderRow(row: Row): ReactNode;
  /** px below which it scrolls sideways. */
  minWidth: number;
};

/** A table of any length: only the rows in sight exist. Reachable by keyboard. */
export function VirtualTable<Row>({ label, columns, rows, keyOf, renderRow, minWidth }: VirtualTableProps<Row>) {
  const frame = useRef<HTMLElement>(null);
  const height = heights[usePreference("density")[0]];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes, nothing else
  useEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section
      ref={frame}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={{ maxHeight: FRAME, overflow: "auto", contain: "content" }}
    >
      <Table
        highlightOnHover
        stickyHeader
        miw={minWidth}
        verticalSpacing={0}
        layout="fixed"
        aria-rowcount={rows.length + 1}
        className="numbers"
      >
        <Table.Thead>
          <Table.Tr aria-rowindex={1} h={height}>
            {columns.map((column) => (
              <Table.Th key={column.label} ta={column.isNumber ? "right" : undefined} w={column.width} scope="col">
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Gap height={above} columns={columns.length} />
          {items.map(({ index }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <Table.Tr key={keyOf(row)} aria-rowindex={index + 2} h={height}>
                  {renderRow(row)}
                </Table.Tr>
              )
            );
          })}
          <Gap height={below} columns={columns.length} />
        </Table.Tbody>
      </Table>
    </section>
  );
}

/** The room of the rows that are not there. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <Table.Tr aria-hidden style={{ height, border: 0 }}>
      <Table.Td colSpan={columns} p={0} />
    </Table.Tr>
  );
}
