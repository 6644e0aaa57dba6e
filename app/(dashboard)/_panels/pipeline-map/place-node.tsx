"use client";

import { Group, Text, VisuallyHidden } from "@mantine/core";
import { Handle, type NodeProps, Position, useReactFlow } from "@xyflow/react";
import Link from "next/link";
import { PLACE_HEIGHT, PLACE_WIDTH } from "./lay-out-map.ts";
import { mapStatusLabels, type Place } from "./prepare-map.ts";
import { statusLooks } from "./status-look.tsx";

/** A place of the picture: a link to where it is told in full. Reached by keyboard, it comes into view. */
export function PlaceNode({ data, positionAbsoluteX, positionAbsoluteY }: NodeProps) {
  const { place } = data as { place: Place };
  const flow = useReactFlow();
  const { color, icon: Icon } = statusLooks[place.status];
  const status = mapStatusLabels[place.status].label;
  const show = () =>
    void flow.setCenter(positionAbsoluteX + PLACE_WIDTH / 2, positionAbsoluteY + PLACE_HEIGHT / 2, {
      zoom: Math.max(flow.getZoom(), 0.8),
    });
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} style={{ opacity: 0 }} />
      <Link
        href={place.href}
        prefetch={false}
        className="map-place nopan mantine-focus-auto"
        style={{ borderLeftColor: color }}
        title={`${place.kind} ${place.label}: ${status}, ${place.detail}`}
        onFocus={({ currentTarget }) => currentTarget.matches(":focus-visible") && show()}
      >
        <VisuallyHidden>{place.kind}</VisuallyHidden>
        <Group gap={6} wrap="nowrap">
          <Icon size={16} color={color} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" fw={650} truncate component="span">
            {place.label}
          </Text>
        </Group>
        <Text size="xs" truncate component="span" display="block" className="numbers">
          {status} · {place.detail}
        </Text>
      </Link>
      <Handle type="source" position={Position.Right} isConnectable={false} style={{ opacity: 0 }} />
    </>
  );
}
