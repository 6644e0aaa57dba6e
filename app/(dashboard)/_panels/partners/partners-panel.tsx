"use client";

import { Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { freshness, panelState } from "../../_queries/freshness.ts";
import { endpointListQuery } from "../../_queries/redirects.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { EndpointTable } from "./endpoint-table.tsx";
import { RedirectsPanel } from "./redirects-panel.tsx";
import { useUrlCorrection } from "./use-url-correction.tsx";

/** Where our webhooks go, and what is replayed somewhere else on purpose. */
export function PartnersPanel() {
  const list = useQuery(endpointListQuery);
  const acts = useLetterActs();
  const correction = useUrlCorrection(acts.open);
  const endpoints = list.data?.endpoints ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Partners
        </Title>
        <LiveNote {...freshness(list)} />
      </Group>
      {correction.banner}
      <Panel title="Webhook endpoints" state={panelState(list)}>
        {endpoints.length === 0 ? (
          <Text>No partner has an endpoint yet. Each would be here with its URL and what died on the way to it.</Text>
        ) : (
          <EndpointTable endpoints={endpoints} onCorrect={correction.open} />
        )}
      </Panel>
      <RedirectsPanel />
      {correction.dialog}
      {acts.dialog}
    </Stack>
  );
}
