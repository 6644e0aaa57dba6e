"use client";

import { Alert, Anchor, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { overviewQuery } from "../../_queries/overview.ts";
import { useLive } from "../../_queries/use-live.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { NoOrders } from "../../_ui/no-orders.tsx";
import { OrderTable } from "../../_ui/order-table.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { StatTile } from "../../_ui/stat-tile.tsx";
import { GeneratorSwitch } from "../generator/generator-switch.tsx";
import { prepareHealth, prepareTiles } from "./prepare-overview.ts";

/** Charts are heavy and not the first thing an operator reads. */
const PlacedPerMinute = dynamic(
  () => import("../placed-per-minute/placed-per-minute.tsx").then((module) => module.PlacedPerMinute),
  {
    ssr: false,
    loading: () => <div style={{ height: 180 }} />,
  },
);

const tones = { good: "teal", warn: "yellow", bad: "red" } as const;

export function OverviewPanels() {
  const liveness = useLive("/api/v1/orders/stream");
  const overview = useQuery(overviewQuery);
  const { data } = overview;
  const health = data && prepareHealth(data);

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Overview
        </Title>
        <LiveNote {...liveness} />
      </Group>
      {health && (
        <Alert color={tones[health.tone]} variant="outline" role="status">
          <Text fw={600} c="var(--mantine-color-text)">
            {health.sentence}
          </Text>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        {data && prepareTiles(data).map((tile) => <StatTile key={tile.label} {...tile} />)}
      </SimpleGrid>
      <Panel title="Orders placed per minute" state={overview} aside={<GeneratorSwitch />}>
        {data && <PlacedPerMinute minutes={data.placedPerMinute} />}
      </Panel>
      <Panel
        title="Newest orders"
        state={overview}
        aside={
          <Anchor component={Link} href="/orders" size="sm">
            All orders
          </Anchor>
        }
      >
        {data?.newest.length === 0 ? <NoOrders /> : data && <OrderTable orders={data.newest.slice(0, 20)} />}
      </Panel>
    </Stack>
  );
}
