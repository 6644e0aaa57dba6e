"use client";

import { Anchor, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { consumersQuery } from "../../_queries/consumers.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useSampled } from "../../_queries/use-sampled.ts";
import { FigureTable } from "../../_ui/figure-table.tsx";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { KnownNote } from "../known/known-note.tsx";
import { type GroupLine, prepareConsumers, prepareSentence } from "./prepare-consumers.ts";

const columns = [
  { label: "Consumer" },
  { label: "Health" },
  { label: "Lag", isNumber: true },
  { label: "Oldest unread", isNumber: true },
  { label: "In", isNumber: true },
  { label: "Out", isNumber: true },
  { label: "Drained in", isNumber: true },
  { label: "Members", isNumber: true },
];

/** Who reads what from Kafka, and who falls behind. */
export function ConsumersPanel() {
  const stream = useLive("consumers");
  const consumers = useQuery(consumersQuery);
  const { data } = consumers;
  const { ours, others } = prepareConsumers(data?.groups ?? []);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Consumers
        </Title>
        <LiveNote {...useSampled(stream, data?.at)} />
      </Group>
      {data && <KnownNote known={data.known} brokers={["kafka"]} />}
      {data?.known.kafka.isUp && <ToneNote {...prepareSentence(data.groups)} />}
      {/* A new one once it is filled: the placeholder is gone then and has not moved. */}
      <Panel key={data ? "filled" : "waiting"} title="Our workers" state={panelState(consumers)}>
        {ours.length > 0 ? (
          <GroupTable label="Our workers" lines={ours} />
        ) : (
          <Text>None of our workers has joined a group yet.</Text>
        )}
      </Panel>
      {data && (
        <Panel title="Other groups of the cluster">
          {others.length > 0 ? (
            <GroupTable label="Other groups" lines={others} />
          ) : (
            <Text>No other group reads from this cluster.</Text>
          )}
        </Panel>
      )}
    </Stack>
  );
}

function GroupTable({ label, lines }: { label: string; lines: readonly GroupLine[] }) {
  return (
    <FigureTable label={label} columns={columns} minWidth={980}>
      {lines.map((line) => (
        <Table.Tr key={line.key}>
          <Table.Td maw={380}>
            <Anchor component={Link} href={line.href} prefetch={false} size="sm" fw={600}>
              {line.name}
            </Anchor>{" "}
            <Text span size="xs" c="dimmed">
              on {line.topic}
            </Text>
            {line.sentence && <Text size="sm">{line.sentence}</Text>}
          </Table.Td>
          <Table.Td maw={260}>
            <ToneBadge {...line.health} />
            <Text size="xs" c="dimmed">
              {line.reason}
            </Text>
          </Table.Td>
          <Table.Td ta="right">{line.lag}</Table.Td>
          <Table.Td ta="right">{line.age}</Table.Td>
          <Table.Td ta="right">{line.produce}</Table.Td>
          <Table.Td ta="right">{line.consume}</Table.Td>
          <Table.Td ta="right">{line.eta}</Table.Td>
          <Table.Td ta="right">{line.members}</Table.Td>
        </Table.Tr>
      ))}
    </FigureTable>
  );
}
