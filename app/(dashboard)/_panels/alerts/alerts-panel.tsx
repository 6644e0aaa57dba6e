"use client";

import { Alert, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { AlertRow } from "#contracts/api/alerts";
import { alertsQuery } from "../../_queries/alerts.ts";
import { freshness, panelState } from "../../_queries/freshness.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { toneColors } from "../../_ui/status-badge.tsx";
import { AlertLine } from "./alert-line.tsx";
import { ChannelsPanel } from "./channels-panel.tsx";
import { alertsSentence, splitAlerts } from "./prepare-alerts.ts";
import { RulesPanel } from "./rules-panel.tsx";
import { SilencesPanel } from "./silences-panel.tsx";

const SilenceDialog = dynamic(() => import("./silence-dialog.tsx").then((module) => module.SilenceDialog), {
  ssr: false,
});

/** What needs somebody, who is on it, and who is told. */
export function AlertsPanel() {
  const query = useQuery(alertsQuery);
  const [silencing, setSilencing] = useState<AlertRow | null>(null);
  const all = query.data;
  const { open, over } = splitAlerts(all?.alerts ?? []);
  const health = all && alertsSentence(all.alerts, all.isWatched);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Alerts
        </Title>
        <LiveNote {...freshness(query)} />
      </Group>
      {health && (
        <Alert color={toneColors[health.tone]} variant="outline" role="status">
          <Text fw={600} c="var(--mantine-color-text)" className="numbers">
            {health.sentence}
          </Text>
        </Alert>
      )}
      <Panel title="Now" state={panelState(query)}>
        {open.length === 0 ? (
          <Text>{all?.isWatched ? "Nothing is wrong by the rules below." : "Nobody looks by the rules below."}</Text>
        ) : (
          <Lines label="Open alerts" alerts={open} onSilence={setSilencing} />
        )}
      </Panel>
      {all && all.silences.length > 0 && <SilencesPanel silences={all.silences} rules={all.rules} />}
      {all && <ChannelsPanel channels={all.channels} />}
      {all && <RulesPanel rules={all.rules} />}
      {over.length > 0 && (
        <Panel title="Over">
          <Lines label="Alerts that are over" alerts={over} onSilence={setSilencing} />
        </Panel>
      )}
      {silencing && <SilenceDialog alert={silencing} onClose={() => setSilencing(null)} />}
    </Stack>
  );
}

type LinesProps = { label: string; alerts: AlertRow[]; onSilence(alert: AlertRow): void };

function Lines({ label, alerts, onSilence }: LinesProps) {
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label={label}>
      {alerts.map((alert) => (
        <AlertLine key={alert.id} alert={alert} onSilence={() => onSilence(alert)} />
      ))}
    </Stack>
  );
}
