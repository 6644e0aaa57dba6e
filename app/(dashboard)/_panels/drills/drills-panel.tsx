"use client";

import { Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { drillsQuery } from "../../_queries/drills.ts";
import { freshness, panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { TextLink } from "../../_ui/text-link.tsx";
import { Time } from "../../_ui/time.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { DrillDialog } from "./drill-dialog.tsx";
import { type DrillLine, drillSentence, prepareDrills } from "./prepare-drills.ts";

/** Breaks the demo's outside systems on purpose, to see what the pipeline does and whether somebody notices. */
export function DrillsPanel() {
  const query = useQuery(drillsQuery);
  const drills = query.data?.drills;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Drills
        </Title>
        <LiveNote {...freshness(query)} />
      </Group>
      {drills && <ToneNote {...drillSentence(drills)} />}
      <Panel title="Outside systems" state={panelState(query)}>
        <Text size="sm">
          Break one on purpose: orders wait or die for it, alerts fire, and you see how the pipeline comes back. A drill
          ends by itself, and stands as a mark in the curves.
        </Text>
        <Stack component="ul" gap="md" m={0} p={0} style={{ listStyle: "none" }} aria-label="Outside systems">
          {prepareDrills(drills ?? []).map((line) => (
            <System key={line.system} line={line} />
          ))}
        </Stack>
      </Panel>
    </Stack>
  );
}

function System({ line: { system, name, what, isBroken, state, until, look } }: { line: DrillLine }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refusal = useRefusal("drills:control");
  const act = isBroken ? "Heal" : "Break";
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div style={{ minWidth: 0, flex: "1 1 18rem" }}>
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          <ToneBadge {...state} />
          {until && (
            <Text size="sm" component="span">
              until <Time at={until} />
            </Text>
          )}
        </Group>
        <Text size="sm">
          {what} {isBroken && <TextLink href={look.href}>{look.label}</TextLink>}
        </Text>
      </div>
      <GuardedButton size="xs" variant="default" refusal={refusal} onClick={open} aria-label={`${act} ${name}`}>
        {`${act}…`}
      </GuardedButton>
      {isOpen && <DrillDialog system={system} wasBroken={isBroken} onClose={close} />}
    </Group>
  );
}
