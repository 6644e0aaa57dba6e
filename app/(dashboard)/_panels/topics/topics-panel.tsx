"use client";

import { Anchor, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { freshness, panelState } from "../../_queries/freshness.ts";
import { topicListQuery } from "../../_queries/topics.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { VirtualTable } from "../../_ui/virtual-table.tsx";
import { prepareCount, prepareTopics } from "./prepare-topics.ts";

const columns = [
  { label: "Topic", width: 300 },
  { label: "Whose", width: 80 },
  { label: "Partitions", width: 150 },
  { label: "Replicas", width: 210 },
  { label: "Kept", isNumber: true, width: 100 },
  { label: "Records", isNumber: true, width: 140 },
];
const SEARCH_PAUSE_MS = 250;

/** All topics of the cluster; the search stands in the URL. */
export function TopicsPanel() {
  const { params, change } = useUrlState();
  const search = params.get("search") ?? "";
  const topics = useQuery(topicListQuery(search));
  const { data } = topics;
  const find = useDebouncedCallback((text: string) => change({ search: text.trim() }), SEARCH_PAUSE_MS);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Topics
        </Title>
        <LiveNote {...freshness(topics)} />
      </Group>
      <TextInput
        label="Find"
        placeholder="Part of a topic's name"
        defaultValue={search}
        onChange={({ currentTarget }) => find(currentTarget.value)}
        w={{ base: "100%", xs: 320 }}
      />
      <Panel title={data ? prepareCount(data.topics.length, data.total) : "Topics"} state={panelState(topics)}>
        {data && data.topics.length > 0 ? (
          <VirtualTable
            label="Topics"
            columns={columns}
            minWidth={980}
            rows={prepareTopics(data.topics)}
            keyOf={({ name }) => name}
            renderRow={(topic) => (
              <>
                <Table.Td>
                  <Anchor
                    component={Link}
                    href={topic.href}
                    prefetch={false}
                    size="sm"
                    fw={600}
                    truncate
                    display="block"
                    title={topic.name}
                  >
                    {topic.name}
                  </Anchor>
                </Table.Td>
                <Table.Td>{topic.owner}</Table.Td>
                <Table.Td>{topic.partitions}</Table.Td>
                <Table.Td>
                  <ToneBadge {...topic.sync} />
                </Table.Td>
                <Table.Td ta="right">{topic.retention}</Table.Td>
                <Table.Td ta="right">{topic.records}</Table.Td>
              </>
            )}
          />
        ) : (
          <Text>{search ? "No topic's name holds this." : "The cluster has no topic."}</Text>
        )}
      </Panel>
    </Stack>
  );
}
