"use client";

import { Box, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { panelState } from "../../_queries/freshness.ts";
import { mapQuery } from "../../_queries/pipeline.ts";
import { Panel } from "../../_ui/panel.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { prepareMapSummary } from "./prepare-map.ts";

/** Drawing and layout are heavy: they come after the sentence and the numbers. */
const PipelineMap = dynamic(() => import("./pipeline-map.tsx").then((module) => module.PipelineMap), { ssr: false });
const MapTable = dynamic(() => import("./map-table.tsx").then((module) => module.MapTable), { ssr: false });

const HEIGHT = 440;
const views = [
  { value: "map", label: "Map" },
  { value: "table", label: "Table" },
];

/** The pipeline as it was observed, as a picture or as a table; the choice stands in the URL. */
export function MapPanel() {
  const { params, change } = useUrlState();
  // On a telephone the picture would be too small to read: there the table comes first.
  const isNarrow = useMediaQuery("(max-width: 48em)");
  const map = useQuery(mapQuery);
  const asked = params.get("view");
  const view = asked === "map" || asked === "table" ? asked : isNarrow ? "table" : "map";
  return (
    <Panel
      title="The pipeline now"
      // The panel's own placeholder is lower than the picture: what is below would jump.
      state={{ ...panelState(map), isPending: false }}
      aside={
        <Group gap="sm">
          <SegmentedControl
            size="xs"
            aria-label="Show the pipeline as"
            data={views}
            value={view}
            onChange={(value) => change({ view: value })}
          />
        </Group>
      }
    >
      <Box mih={HEIGHT}>
        {isNarrow === undefined || !map.data ? (
          <Skeleton height={HEIGHT} />
        ) : map.data.nodes.length === 0 ? (
          <Text>Nothing of the pipeline was observed yet.</Text>
        ) : view === "table" ? (
          <MapTable map={map.data} />
        ) : (
          <Box h={HEIGHT}>
            <PipelineMap map={map.data} summary={prepareMapSummary(map.data)} />
          </Box>
        )}
      </Box>
    </Panel>
  );
}
