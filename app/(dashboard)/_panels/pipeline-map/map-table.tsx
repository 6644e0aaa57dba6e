"use client";

import { Anchor, Stack, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { PipelineMap } from "#contracts/api/operations";
import { FigureTable } from "../../_ui/figure-table.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { mapStatusLabels, preparePlaces, prepareWays } from "./prepare-map.ts";

const placeColumns = [{ label: "Place" }, { label: "Kind" }, { label: "Status" }, { label: "What is there" }];
const wayColumns = [
  { label: "From" },
  { label: "To" },
  { label: "Status" },
  { label: "Rate", isNumber: true },
  { label: "Waiting", isNumber: true },
  { label: "Money waiting", isNumber: true },
];

/** The same as the picture, in words. */
export function MapTable({ map }: { map: PipelineMap }) {
  const places = preparePlaces(map);
  const hrefs = new Map(places.map(({ id, href }) => [id, href]));
  return (
    <Stack gap="md">
      <FigureTable label="Ways" columns={wayColumns} minWidth={680}>
        {prepareWays(map).map((way) => (
          <Table.Tr key={way.id}>
            <Table.Td>{way.fromLabel}</Table.Td>
            <Table.Td>
              <Anchor component={Link} href={hrefs.get(way.to) ?? "/"} prefetch={false} size="sm">
                {way.toLabel}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <ToneBadge {...mapStatusLabels[way.status]} />
            </Table.Td>
            <Table.Td ta="right">{way.rate}</Table.Td>
            <Table.Td ta="right">{way.waiting}</Table.Td>
            <Table.Td ta="right">{way.money}</Table.Td>
          </Table.Tr>
        ))}
      </FigureTable>
      <FigureTable label="Places" columns={placeColumns} minWidth={520}>
        {places.map((place) => (
          <Table.Tr key={place.id}>
            <Table.Td>
              <Anchor component={Link} href={place.href} prefetch={false} size="sm" fw={600}>
                {place.label}
              </Anchor>
            </Table.Td>
            <Table.Td>{place.kind}</Table.Td>
            <Table.Td>
              <ToneBadge {...mapStatusLabels[place.status]} />
            </Table.Td>
            <Table.Td>
              <Text size="sm">{place.detail}</Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </FigureTable>
    </Stack>
  );
}
