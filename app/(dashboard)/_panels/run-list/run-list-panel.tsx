"use client";

import { Anchor, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { Run } from "#contracts/api/replays";
import { runStatusLabels } from "#contracts/vocabulary";
import { panelState } from "../../_queries/freshness.ts";
import { runListQuery } from "../../_queries/replays.ts";
import { Ago } from "../../_ui/ago.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { prepareOutcome } from "../replay-run/prepare-run.ts";
import { PurgesPanel } from "./purges-panel.tsx";

/** Every run: what it was for, how it went. */
export function RunListPanel() {
  const list = useQuery(runListQuery);
  const runs = list.data?.runs ?? [];
  return (
    <Stack>
      <PurgesPanel />
      <Panel title="Runs, newest first" state={panelState(list)}>
        {runs.length === 0 ? (
          <Text>
            No run yet. Every retry, redirect and edit would be here, with what it sent and what became of it.
          </Text>
        ) : (
          <RunTable runs={runs} />
        )}
      </Panel>
    </Stack>
  );
}

function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Runs" }}>
      <Table highlightOnHover verticalSpacing={6} miw={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th ta="right">Planned</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {runs.map((run) => (
            <Table.Tr key={run.runId}>
              <Table.Td maw={320} style={{ overflowWrap: "anywhere" }}>
                <Anchor component={Link} href={`/dead-letters/runs/${run.runId}`} prefetch={false} size="sm" fw={600}>
                  {run.name || "(no name)"}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <ToneBadge {...runStatusLabels[run.status]} />
              </Table.Td>
              <Table.Td>{prepareOutcome(run)}</Table.Td>
              <Table.Td>{run.acceptedBy ?? run.plannedBy}</Table.Td>
              <Table.Td ta="right">
                <Ago at={run.plannedAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
