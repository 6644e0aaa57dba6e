"use client";

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import { groupHistoryQuery } from "../../_queries/consumers.ts";
import { panelState } from "../../_queries/freshness.ts";
import { formatWhole } from "../../_ui/figures.ts";
import { Panel } from "../../_ui/panel.tsx";
import { prepareHistory } from "./prepare-group-detail.ts";

const TimeChart = dynamic(() => import("../../_ui/time-chart.tsx").then((module) => module.TimeChart), {
  ssr: false,
  loading: () => <div style={{ height: 160 }} />,
});
const lines = [{ key: "lag", name: "lag" }];

/** A group's lag over the last day. */
export function LagHistory({ group }: { group: string }) {
  const history = useQuery(groupHistoryQuery(group));
  const drawn = useMemo(() => history.data && prepareHistory(history.data), [history.data]);
  return (
    <Panel title="Lag over time" state={panelState(history)}>
      {drawn && <Text size="sm">{drawn.sentence}</Text>}
      {drawn && drawn.points.length > 1 && (
        <TimeChart points={drawn.points} lines={lines} from={drawn.from} to={drawn.to} format={formatWhole} />
      )}
    </Panel>
  );
}
