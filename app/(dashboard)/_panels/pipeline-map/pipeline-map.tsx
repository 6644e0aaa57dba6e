"use client";

import "@xyflow/react/dist/base.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  Controls,
  type Edge,
  type Node,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";
import type { PipelineMap as Picture } from "#contracts/api/operations";
import { layOutMap, PLACE_HEIGHT, PLACE_WIDTH } from "./lay-out-map.ts";
import { PlaceNode } from "./place-node.tsx";
import { type Place, preparePlaces, prepareWays, type Way } from "./prepare-map.ts";
import { WayEdge } from "./way-edge.tsx";

const nodeTypes = { place: PlaceNode };
const edgeTypes = { way: WayEdge };
const fitted = { padding: 0.02, minZoom: 0.5, maxZoom: 1.1 };

/** Said beforehand, so that no frame waits for the browser to measure: without it the ways would vanish for a moment. */
const measured = { width: PLACE_WIDTH, height: PLACE_HEIGHT };
const handles = [
  { type: "target" as const, position: Position.Left, x: 0, y: PLACE_HEIGHT / 2, width: 1, height: 1 },
  { type: "source" as const, position: Position.Right, x: PLACE_WIDTH, y: PLACE_HEIGHT / 2, width: 1, height: 1 },
];

/** The picture of the pipeline: drawn anew with each frame, laid out anew only when a place or a way comes or goes. */
export function PipelineMap({ map, summary }: { map: Picture; summary: string }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const places = preparePlaces(map);
  const ways = prepareWays(map).toSorted((a, b) => a.id.localeCompare(b.id));
  const { nodes, edges, shape } = useDrawn(places, ways);
  const [hasOwnView, setOwnView] = useState(false);
  const ownView = () => setOwnView(true);
  return (
    <ReactFlowProvider>
      <ReactFlow
        aria-label={summary}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={scheme}
        style={{ background: "transparent" }}
        fitView
        fitViewOptions={fitted}
        minZoom={0.3}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
        // A move without an event is the picture's own.
        onMoveStart={(event) => event && ownView()}
      >
        {!hasOwnView && <KeepFitted shape={shape} />}
        <Controls
          showInteractive={false}
          fitViewOptions={fitted}
          position="bottom-right"
          onZoomIn={ownView}
          onZoomOut={ownView}
          onFitView={() => setOwnView(false)}
        />
      </ReactFlow>
    </ReactFlowProvider>
  );
}

/** Fits the picture into its frame anew whenever one of the two has changed. */
function KeepFitted({ shape }: { shape: string }) {
  const frame = useStore(({ width, height }) => `${width} × ${height}`);
  return <Fit key={`${frame} ${shape}`} />;
}

function Fit() {
  const { fitView } = useReactFlow();
  useEffect(() => void fitView(fitted), [fitView]);
  return null;
}

function useDrawn(places: readonly Place[], ways: readonly Way[]): { nodes: Node[]; edges: Edge[]; shape: string } {
  const shape = JSON.stringify([places.map(({ id }) => id), ways.map(({ id, from, to }) => ({ id, from, to }))]);
  const layout = useMemo(() => {
    const [ids, ends] = JSON.parse(shape) as [string[], { id: string; from: string; to: string }[]];
    return layOutMap(
      ids.map((id) => ({ id })),
      ends,
    );
  }, [shape]);
  return {
    shape,
    nodes: places.map((place) => ({
      id: place.id,
      type: "place",
      position: layout.places.get(place.id) ?? { x: 0, y: 0 },
      ...measured,
      measured,
      handles,
      data: { place },
    })),
    edges: ways.map((way) => ({
      id: way.id,
      type: "way",
      source: way.from,
      target: way.to,
      data: { way, ...layout.ways.get(way.id) },
    })),
  };
}
