"use client";

import { Anchor, Group, SimpleGrid, Skeleton, Stack, Title } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { Overview } from "#contracts/api/overview";
import { overviewQuery } from "../../_queries/overview.ts";
import { mapQuery } from "../../_queries/pipeline.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useSampled } from "../../_queries/use-sampled.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { NoOrders } from "../../_ui/no-orders.tsx";
import { OrderTable } from "../../_ui/order-table.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { StatTile } from "../../_ui/stat-tile.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { GeneratorSwitch } from "../generator/generator-switch.tsx";
import { KnownNote } from "../known/known-note.tsx";
import { MapPanel } from "../pipeline-map/map-panel.tsx";
import { SeriesPanel } from "../series/series-panel.tsx";
import { prepareHeadline, prepareTiles } from "./prepare-overview.ts";

/** Charts are heavy and not the first thing an operator reads. */
const PlacedPerMinute = dynamic(
  () => import("../placed-per-minute/placed-per-minute.tsx").then((module) => module.PlacedPerMinute),
  {
    ssr: false,
    loading: () => <div style={{ height: 180 }} />,
  },
);

/** px */
const WHOLE_SCREEN = 760;

/** The whole pipeline at a glance: first the sentence, then the numbers, then the picture. */
export function OverviewPanels() {
  const stream = useLive("overview", "orders", "map");
  const overview = useQuery(overviewQuery);
  const map = useQuery(mapQuery).data;
  const { data } = overview;
  // A picture that stands still says nothing about now: its sentence counts only while it is live.
  const isMapFresh = useSampled(stream, map?.at).state !== "stale";

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Overview
        </Title>
        <LiveNote {...useSampled(stream, data?.at)} />
      </Group>
      {data && <ToneNote {...prepareHeadline(data, isMapFresh ? map?.health : undefined)} />}
      {map && <KnownNote known={map.known} brokers={["kafka", "rabbitmq"]} />}
      {data && (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          {prepareTiles(data).map((tile) => (
            <StatTile key={tile.label} {...tile} />
          ))}
        </SimpleGrid>
      )}
      {overview.isPending ? <Skeleton height={WHOLE_SCREEN} /> : <Below overview={overview} />}
    </Stack>
  );
}

/** What comes after the numbers. It waits for them, so that nothing on the screen jumps when they come. */
function Below({ overview }: { overview: UseQueryResult<Overview> }) {
  const { data } = overview;
  return (
    <>
      <MapPanel />
      <Panel title="Orders placed per minute" state={overview} aside={<GeneratorSwitch />}>
        {data && <PlacedPerMinute minutes={data.placedPerMinute} />}
      </Panel>
      <SeriesPanel />
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
    </>
  );
}
