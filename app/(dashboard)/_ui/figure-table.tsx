"use client";

import { ScrollArea, Table } from "@mantine/core";
import type { ReactNode } from "react";

export type Column = { label: string; isNumber?: boolean };

/** A table of figures that scrolls sideways by itself, reachable by keyboard; `label` is its name. */
export function FigureTable({
  label,
  columns,
  minWidth,
  children,
}: {
  label: string;
  columns: readonly Column[];
  /** px below which it scrolls. */
  minWidth: number;
  children: ReactNode;
}) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": label }}>
      <Table highlightOnHover verticalSpacing={6} miw={minWidth}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} ta={column.isNumber ? "right" : undefined} scope="col">
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">{children}</Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
