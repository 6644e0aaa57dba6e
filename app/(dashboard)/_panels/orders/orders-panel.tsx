"use client";

import { Badge, Stack, Tabs, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { findingsQuery } from "../../_queries/findings.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useHeard } from "../../_queries/use-sampled.ts";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { MissingPanel } from "../missing/missing-panel.tsx";
import { OrderListPanel } from "../order-list/order-list-panel.tsx";

/** All orders, and those that somebody has to help. */
export function OrdersPanel() {
  const { params, change } = useUrlState();
  // Orders come when they change; the overview comes every second and tells that the stream is alive.
  const stream = useHeard(useLive("overview", "orders"));
  const missing = useQuery(findingsQuery()).data?.orders ?? 0;
  return (
    <Stack>
      <Title order={1} size="h3">
        Orders
      </Title>
      <Tabs
        value={params.get("tab") ?? "all"}
        onChange={(value) => change({ tab: value === "all" ? null : value })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="all">All orders</Tabs.Tab>
          <Tabs.Tab value="missing" rightSection={missing > 0 && <MissingCount orders={missing} />}>
            Missing
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="all">
          <OrderListPanel stream={stream} />
        </Tabs.Panel>
        <Tabs.Panel value="missing">
          <MissingPanel />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const MissingCount = ({ orders }: { orders: number }) => (
  <Badge color="red" variant="outline" c="inherit" size="sm" className="numbers">
    {orders.toLocaleString("en-GB")}
  </Badge>
);
