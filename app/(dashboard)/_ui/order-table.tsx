"use client";

import { Anchor, ScrollArea, Table, Text } from "@mantine/core";
import Link from "next/link";
import { memo } from "react";
import type { OrderRow } from "#contracts/api/orders";
import { formatMoney } from "./format.ts";
import { Personal } from "./personal.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { Time } from "./time.tsx";

/** Orders as rows; each leads to its own page. */
export function OrderTable({ orders }: { orders: readonly OrderRow[] }) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Orders" }}>
      <Table highlightOnHover verticalSpacing={6} miw={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Order</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Customer</Table.Th>
            <Table.Th>Payment</Table.Th>
            <Table.Th ta="right">Total</Table.Th>
            <Table.Th ta="right">Placed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {orders.map((order) => (
            <Line key={order.orderId} order={order} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

/** Drawn anew only when the order itself changed: a live list is told of changes several times a second. */
const Line = memo(function Line({ order }: { order: OrderRow }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} href={`/orders/${order.orderId}`} prefetch={false} size="sm" fw={600}>
          {order.number}
        </Anchor>
        {order.isTest && (
          <Text span size="xs" c="dimmed">
            {" "}
            test
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <StatusBadge status={order.status} />
      </Table.Td>
      <Table.Td>
        <Personal>{order.customerName}</Personal>, {order.country}
      </Table.Td>
      <Table.Td>{order.paymentMethod === "cod" ? "On delivery" : "Card"}</Table.Td>
      <Table.Td ta="right">{formatMoney(order.totalCents, order.currency)}</Table.Td>
      <Table.Td ta="right">
        <Time at={order.placedAt} />
      </Table.Td>
    </Table.Tr>
  );
});
