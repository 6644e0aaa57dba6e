"use client";

import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { panelState } from "../../_queries/freshness.ts";
import { queuesQuery } from "../../_queries/queues.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useSampled } from "../../_queries/use-sampled.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { KnownNote } from "../known/known-note.tsx";
import { prepareQueueSource } from "../known/prepare-known.ts";
import { PauseBanner, PauseButton } from "../worker-pause/worker-pause.tsx";
import { type FamilyCard, prepareFamilies, prepareQueue, prepareSentence } from "./prepare-queues.ts";
import { QueueTable } from "./queue-table.tsx";

/** What waits in RabbitMQ: each work queue with its waiting rooms and its dead letters; `?family=` shows one alone. */
export function QueuesPanel() {
  const stream = useLive("queues");
  const queues = useQuery(queuesQuery);
  const { data } = queues;
  const { params, change } = useUrlState();
  const asked = params.get("family");
  const cards = prepareFamilies(data?.families ?? []);
  const shown = asked === null ? cards : cards.filter(({ name }) => name === asked);
  const missing = data && prepareQueueSource(data.known);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Queues
        </Title>
        <LiveNote {...useSampled(stream, data?.at)} />
      </Group>
      {data && <KnownNote known={data.known} brokers={["rabbitmq"]} />}
      {data?.known.rabbitmq.isUp && <ToneNote {...prepareSentence(data.families)} />}
      {missing && (
        <Text size="sm" c="dimmed">
          {missing}
        </Text>
      )}
      {asked !== null && (
        <Group gap="sm">
          <Text size="sm">Only {asked} is shown.</Text>
          <Button size="xs" variant="default" onClick={() => change({ family: null })}>
            Show all queues
          </Button>
        </Group>
      )}
      {shown.length === 0 && (
        <Panel key={data ? "filled" : "waiting"} title="Work queues" state={panelState(queues)}>
          <Text>
            {asked === null ? "No work queue has been declared yet." : "There is no work queue of this name."}
          </Text>
        </Panel>
      )}
      {shown.map((card) => (
        <Family key={card.name} card={card} />
      ))}
      {data && (
        <Panel title="Other queues of the vhost">
          {data.others.length > 0 ? (
            <QueueTable label="Other queues" lines={data.others.map((queue) => prepareQueue(queue, ""))} />
          ) : (
            <Text>{missing ? "Other queues can't be listed over AMQP alone." : "There is no other queue here."}</Text>
          )}
        </Panel>
      )}
    </Stack>
  );
}

function Family({ card }: { card: FamilyCard }) {
  return (
    <Panel
      title={card.name}
      aside={
        <Group gap="sm">
          <ToneBadge {...card.status} />
          {card.worker && <PauseButton worker={card.worker} pausedBy={card.pausedBy} />}
        </Group>
      }
    >
      {card.worker && <PauseBanner worker={card.worker} pausedBy={card.pausedBy} />}
      <Text size="sm" fw={600}>
        {card.sentence}
      </Text>
      <Text size="sm" className="numbers">
        Oldest: {card.age}. Drained: {card.eta}.{card.worker && ` Worked on by ${card.worker}.`}
      </Text>
      <QueueTable label={`Queues of ${card.name}`} lines={card.lines} />
      <Text size="sm" className="numbers">
        {card.dead.text}{" "}
        {card.dead.hasSome && (
          <Anchor component={Link} href={card.dead.href} prefetch={false} size="sm" underline="always">
            Dead letters of {card.name}
          </Anchor>
        )}
      </Text>
    </Panel>
  );
}
