"use client";

import { Anchor, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { GroupView } from "#contracts/api/operations";
import { isPausable } from "#contracts/process-map";
import { consumersQuery } from "../../_queries/consumers.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useSampled } from "../../_queries/use-sampled.ts";
import { FigureTable } from "../../_ui/figure-table.tsx";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { StatTile } from "../../_ui/stat-tile.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { prepareGroup, prepareSentence } from "../consumers/prepare-consumers.ts";
import { KnownNote } from "../known/known-note.tsx";
import { OffsetResetButton } from "../offset-reset/offset-reset.tsx";
import { PauseBanner, PauseButton } from "../worker-pause/worker-pause.tsx";
import { LagHistory } from "./lag-history.tsx";
import { preparePlaces, waitingHref } from "./prepare-group-detail.ts";

/** One consumer group: what waits for it, how its partitions stand, and the acts on it. */
export function GroupDetailPanel({ group }: { group: string }) {
  const stream = useLive("consumers");
  const consumers = useQuery(consumersQuery);
  const { data } = consumers;
  const views = data?.groups.filter((view) => view.group === group) ?? [];
  const [first] = views;
  const worker = first?.worker;
  const pausable = worker && isPausable(worker) ? worker : null;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Anchor component={Link} href="/consumers" size="sm">
            Consumers
          </Anchor>
          <Title order={1} size="h3">
            {worker ?? group}
          </Title>
        </div>
        <Group gap="sm">
          {first && pausable && <PauseButton worker={pausable} pausedBy={first.pausedBy} />}
          <LiveNote {...useSampled(stream, data?.at)} />
        </Group>
      </Group>
      {data && <KnownNote known={data.known} brokers={["kafka"]} />}
      {first && pausable && <PauseBanner worker={pausable} pausedBy={first.pausedBy} />}
      {data?.known.kafka.isUp && first && <ToneNote {...prepareHeadline(first)} />}
      {first && <WaitingOrders view={first} />}
      {views.length === 0 && (
        <Panel title="Partitions" state={panelState(consumers)}>
          <Text>Kafka knows no group of this name, or has forgotten it.</Text>
        </Panel>
      )}
      {views.map((view) => (
        <OnTopic key={view.topic} view={view} isKafkaUp={data?.known.kafka.isUp ?? false} />
      ))}
      {!consumers.isPending && <LagHistory group={group} />}
    </Stack>
  );
}

/** The way to the orders that this worker holds up. */
function WaitingOrders({ view }: { view: GroupView }) {
  const href = waitingHref(view);
  if (!href) return null;
  return (
    <Anchor component={Link} href={href} prefetch={false} size="sm">
      Orders that wait for it
    </Anchor>
  );
}

/** What an operator reads first of this group; others' groups have no words, only the rule. */
const prepareHeadline = (view: GroupView) =>
  view.worker === null ? { tone: prepareGroup(view).health.tone, sentence: view.reason } : prepareSentence([view]);

const columns = [
  { label: "Partition", isNumber: true },
  { label: "Committed", isNumber: true },
  { label: "End", isNumber: true },
  { label: "Lag", isNumber: true },
  { label: "Health" },
  { label: "In", isNumber: true },
  { label: "Out", isNumber: true },
  { label: "Oldest unread", isNumber: true },
  { label: "Drained in", isNumber: true },
  { label: "Member" },
];

function OnTopic({ view, isKafkaUp }: { view: GroupView; isKafkaUp: boolean }) {
  const line = prepareGroup(view);
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        <StatTile label="Lag" value={line.lag} hint={`on ${view.topic}`} />
        <StatTile label="Oldest unread" value={line.age} />
        <StatTile label="In" value={line.produce} hint="records written" />
        <StatTile label="Out" value={line.consume} hint="records committed" />
        <StatTile label="Drained in" value={line.eta} />
        <StatTile label="Members" value={String(line.members)} hint={view.state} />
      </SimpleGrid>
      <Panel
        title={`Partitions of ${view.topic}`}
        aside={
          <Group gap="sm">
            <Anchor component={Link} href={`/topics/${encodeURIComponent(view.topic)}`} prefetch={false} size="sm">
              Browse the topic
            </Anchor>
            <OffsetResetButton group={view} isKafkaUp={isKafkaUp} />
          </Group>
        }
      >
        <FigureTable label={`Partitions of ${view.topic}`} columns={columns} minWidth={1_080}>
          {preparePlaces(view).map((place) => (
            <Table.Tr key={place.partition}>
              <Table.Td ta="right">
                <Anchor component={Link} href={place.href} prefetch={false} size="sm" fw={600}>
                  {place.partition}
                </Anchor>
              </Table.Td>
              <Table.Td ta="right">{place.committed}</Table.Td>
              <Table.Td ta="right">{place.end}</Table.Td>
              <Table.Td ta="right">{place.lag}</Table.Td>
              <Table.Td maw={260}>
                <ToneBadge {...place.health} />
                <Text size="xs" c="dimmed">
                  {place.reason}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{place.produce}</Table.Td>
              <Table.Td ta="right">{place.consume}</Table.Td>
              <Table.Td ta="right">{place.age}</Table.Td>
              <Table.Td ta="right">{place.eta}</Table.Td>
              <Table.Td maw={180}>
                <Text size="xs" truncate title={place.member}>
                  {place.member}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </FigureTable>
      </Panel>
    </>
  );
}
