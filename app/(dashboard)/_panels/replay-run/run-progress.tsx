import { Group, Progress, Stack, Text } from "@mantine/core";
import type { Run } from "#contracts/api/replays";
import { isOver } from "../../_queries/replays.ts";
import { ToneBadge, toneColors } from "../../_ui/status-badge.tsx";
import { prepareParts } from "./prepare-run.ts";

/** The whole run as one bar; the numbers below say the same in words. */
export function RunProgress({ run }: { run: Run }) {
  const parts = prepareParts(run);
  const rate = run.ratePerSecond === null ? "as fast as the broker takes them" : `${run.ratePerSecond}/s asked for`;
  return (
    <Stack gap="xs">
      <Progress.Root size="xl" aria-hidden="true" transitionDuration={0}>
        {parts.map(({ status, tone, percent }) => (
          <Progress.Section
            key={status}
            value={percent}
            color={tone === "neutral" ? "var(--mantine-color-default-border)" : toneColors[tone]}
            withAria={false}
          />
        ))}
      </Progress.Root>
      <Group
        gap="md"
        className="numbers"
        component="ul"
        m={0}
        p={0}
        style={{ listStyle: "none" }}
        aria-label="Outcomes"
      >
        {parts.map(({ status, label, tone, letters }) => (
          <li key={status}>
            <ToneBadge tone={tone} label={`${letters.toLocaleString("en-GB")} ${label.toLowerCase()}`} />
          </li>
        ))}
      </Group>
      {!isOver(run.status) && (
        <Text size="sm" c="dimmed" className="numbers">
          Measured {run.measuredRate.toFixed(1)}/s of late, {rate}
        </Text>
      )}
    </Stack>
  );
}
