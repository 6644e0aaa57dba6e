"use client";

import { Alert, Anchor, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { RunDetail } from "#contracts/api/replays";
import { replayStatusLabels, runStatusLabels } from "#contracts/vocabulary";
import { runQuery, runReportHref } from "../../_queries/replays.ts";
import { useServerNow } from "../../_queries/use-server-now.ts";
import { NotShown } from "../../_ui/not-shown.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge, toneColors } from "../../_ui/status-badge.tsx";
import { LettersNote } from "../letters-live/letters-live.tsx";
import { prepareNewFailures, prepareReceipt, prepareState } from "./prepare-run.ts";
import { RunControls } from "./run-controls.tsx";
import { RunFacts } from "./run-facts.tsx";
import { RunProgress } from "./run-progress.tsx";

/** One run: what has left, what became of it, what it changed, and how to stop it. */
export function RunPanel({ runId }: { runId: string }) {
  const query = useQuery(runQuery(runId));
  if (query.isLoadingError)
    return <NotShown what="run" all={{ href: "/dead-letters?tab=runs", label: "All runs" }} refusal={query} />;
  const { data } = query;
  return (
    <Stack>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group>
          <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
            {data?.run.name || "Run"}
          </Title>
          {data && <ToneBadge {...runStatusLabels[data.run.status]} size="lg" />}
        </Group>
        {data && <LettersNote query={query} />}
      </Group>
      {data ? (
        <RunOf detail={data} />
      ) : (
        <Panel title="Progress" state={query}>
          {null}
        </Panel>
      )}
    </Stack>
  );
}

function RunOf({ detail }: { detail: RunDetail }) {
  const { run } = detail;
  const { tone, sentence } = prepareState(run, useServerNow(run.status === "held"));
  const newFailures = prepareNewFailures(detail);
  return (
    <>
      <Alert color={toneColors[tone]} variant="outline">
        <Group justify="space-between">
          <Text fw={600} size="lg" c="var(--mantine-color-text)" className="numbers" role="timer">
            {sentence}
          </Text>
          <RunControls run={run} />
        </Group>
      </Alert>
      <Panel title="Progress">
        <RunProgress run={run} />
      </Panel>
      <Panel title="Receipt" aside={<Report runId={run.runId} />}>
        <Text fw={600} className="numbers">
          {prepareReceipt(detail)}
        </Text>
        {newFailures && (
          <Alert color="yellow" variant="outline">
            <Text size="sm" c="var(--mantine-color-text)">
              {newFailures}
            </Text>
          </Alert>
        )}
      </Panel>
      {detail.problems.length > 0 && <Problems detail={detail} />}
      <RunFacts detail={detail} />
    </>
  );
}

/** What was asked and what became of each letter, for whoever writes about the incident. */
function Report({ runId }: { runId: string }) {
  return (
    <Group gap="xs">
      <Text size="sm">Incident report:</Text>
      {(["csv", "json"] as const).map((format) => (
        <Anchor
          key={format}
          size="sm"
          href={runReportHref(runId, format)}
          download
          aria-label={`Incident report as ${format.toUpperCase()}`}
        >
          {format.toUpperCase()}
        </Anchor>
      ))}
    </Group>
  );
}

/** As many as the API tells at most. */
const MAX_PROBLEMS = 200;

function Problems({ detail: { problems } }: { detail: RunDetail }) {
  return (
    <Panel title="Not as wished">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th ta="right">Letter</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {problems.map(({ replayId, letterId, status, detail }) => (
            <Table.Tr key={replayId}>
              <Table.Td>
                <ToneBadge {...replayStatusLabels[status]} />
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{detail ?? "–"}</Table.Td>
              <Table.Td ta="right">
                <Anchor
                  component={Link}
                  href={`/dead-letters/letters/${letterId}`}
                  prefetch={false}
                  size="sm"
                  aria-label={`Letter ${letterId.slice(0, 8)}`}
                >
                  {letterId.slice(0, 8)}
                </Anchor>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {problems.length >= MAX_PROBLEMS && (
        <Text size="sm" c="dimmed">
          The first {MAX_PROBLEMS}.
        </Text>
      )}
    </Panel>
  );
}
