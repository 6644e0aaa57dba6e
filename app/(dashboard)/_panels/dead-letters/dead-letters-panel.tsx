"use client";

import { Alert, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { groupListQuery, standingQuery } from "../../_queries/dead-letters.ts";
import { runListQuery } from "../../_queries/replays.ts";
import { toneColors } from "../../_ui/status-badge.tsx";
import { TextLink } from "../../_ui/text-link.tsx";
import { useNow } from "../../_ui/use-now.ts";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { CauseList } from "../causes/cause-list.tsx";
import { prepareHealth } from "../causes/prepare-causes.ts";
import { LetterBrowser } from "../letter-list/letter-browser.tsx";
import { LettersNote } from "../letters-live/letters-live.tsx";
import { RunListPanel } from "../run-list/run-list-panel.tsx";
import { prepareLettersTab, prepareRunsTab } from "./prepare-tabs.ts";

/** Dead letters: one sentence, then why, which, and what was done about it. */
export function DeadLettersPanel() {
  const { params, change } = useUrlState();
  const now = useNow();
  const groups = useQuery(groupListQuery(undefined));
  const standing = useQuery(standingQuery).data;
  const health = groups.data && prepareHealth(groups.data, standing?.counts, now);
  const runs = useQuery(runListQuery).data?.runs;
  const tab = params.get("tab") ?? "causes";
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Dead letters
        </Title>
        <LettersNote query={groups} />
      </Group>
      {health && (
        <Alert color={toneColors[health.tone]} variant="outline" role="status">
          <Text fw={600} c="var(--mantine-color-text)" className="numbers">
            {health.sentence}
            {health.link && (
              <>
                {" "}
                <TextLink href={health.link.href}>{health.link.label}</TextLink>
              </>
            )}
          </Text>
          {health.more && (
            <Text size="sm" c="var(--mantine-color-text)">
              {health.more}
            </Text>
          )}
        </Alert>
      )}
      <Tabs value={tab} onChange={(value) => change({ tab: value === "causes" ? null : value })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="causes">Causes</Tabs.Tab>
          <Tabs.Tab value="letters">{prepareLettersTab(standing?.counts)}</Tabs.Tab>
          <Tabs.Tab value="runs">{prepareRunsTab(runs)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="causes">
          <CauseList />
        </Tabs.Panel>
        <Tabs.Panel value="letters">
          <LetterBrowser />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunListPanel />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
