"use client";

import { Anchor, Group, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useMemo } from "react";
import type { Series } from "#contracts/api/operations";
import { panelState } from "../../_queries/freshness.ts";
import { seriesQuery } from "../../_queries/pipeline.ts";
import { Panel } from "../../_ui/panel.tsx";
import { Time } from "../../_ui/time.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { prepareCurves, preparePoints } from "./prepare-series.ts";

const TimeChart = dynamic(() => import("../../_ui/time-chart.tsx").then((module) => module.TimeChart), {
  ssr: false,
  loading: () => <div style={{ height: 160 }} />,
});

const spans = [
  { value: "15", label: "15 min" },
  { value: "60", label: "1 h" },
  { value: "360", label: "6 h" },
  { value: "1440", label: "24 h" },
];

/** How it went: orders, latency, errors, lag and depth, with marks for what somebody did. The span stands in the URL. */
export function SeriesPanel() {
  const { params, change } = useUrlState();
  const asked = params.get("minutes");
  const minutes = spans.some(({ value }) => value === asked) ? asked! : "60";
  const series = useQuery(seriesQuery(Number(minutes)));
  return (
    <Panel
      title="How it went"
      state={panelState(series)}
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Show the last"
          data={spans}
          value={minutes}
          onChange={(value) => change({ minutes: value })}
        />
      }
    >
      {series.data &&
        (series.data.points.length > 0 ? (
          <Curves series={series.data} />
        ) : (
          <Text>Nothing was sampled in this span yet.</Text>
        ))}
    </Panel>
  );
}

function Curves({ series }: { series: Series }) {
  const { curves, points, marks } = useMemo(
    () => ({
      curves: prepareCurves(series),
      points: preparePoints(series),
      marks: series.marks.map(({ at, label }) => ({ t: Date.parse(at), label })),
    }),
    [series],
  );
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md">
        {curves.map(({ title, sentence, lines, format }) => (
          <Stack key={title} gap={2} miw={0}>
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <Text size="xs" c="dimmed" className="numbers">
              {sentence}
            </Text>
            <TimeChart
              points={points}
              lines={lines}
              marks={marks}
              from={Date.parse(series.from)}
              to={Date.parse(series.to)}
              format={format}
            />
          </Stack>
        ))}
      </SimpleGrid>
      {series.marks.length > 0 && <Marks marks={series.marks.slice(-8).toReversed()} />}
    </>
  );
}

/** The dashed lines of the charts in words, the newest first. */
function Marks({ marks }: { marks: Series["marks"] }) {
  return (
    <Stack gap={2} component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label="Marks">
      {marks.map(({ at, kind, label, href }) => (
        <Group key={`${at} ${label}`} gap="xs" component="li" wrap="nowrap" mih={28}>
          <Time at={at} />
          <Text size="sm" c="dimmed">
            {kind.replaceAll("_", " ")}
          </Text>
          {href ? (
            <Anchor component={Link} href={href} prefetch={false} size="sm" py={4}>
              {label}
            </Anchor>
          ) : (
            <Text size="sm">{label}</Text>
          )}
        </Group>
      ))}
    </Stack>
  );
}
