"use client";

import { Code, Group, Stack, Table, Text } from "@mantine/core";
import type { Plan } from "#contracts/api/replays";
import { verdictLabels } from "#contracts/vocabulary";
import { formatCount, formatMoneys } from "../../_ui/format.ts";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { Time } from "../../_ui/time.tsx";

/** What a run over the plan would do, before anybody agrees to it. */
export function PlanSummary({ plan }: { plan: Plan }) {
  return (
    <Stack gap="xs">
      <Text fw={600} className="numbers">
        {formatCount(plan.letters, "letter")} of {formatCount(plan.orders, "order")}, worth {formatMoneys(plan.money)}
      </Text>
      <Table verticalSpacing={4} aria-label="Verdicts" className="numbers">
        <Table.Tbody>
          {plan.verdicts.map(({ verdict, letters, reason }) => (
            <Table.Tr key={verdict}>
              <Table.Td ta="right" w={64} fw={600}>
                {letters.toLocaleString("en-GB")}
              </Table.Td>
              <Table.Td>
                <ToneBadge {...verdictLabels[verdict]} />
                <Text size="sm" c="dimmed">
                  {reason}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
          {plan.refused.map(({ reason, letters }) => (
            <Table.Tr key={reason}>
              <Table.Td ta="right" fw={600}>
                {letters.toLocaleString("en-GB")}
              </Table.Td>
              <Table.Td>
                <ToneBadge label="Stays" tone="neutral" />
                <Text size="sm" c="dimmed">
                  {reason}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {plan.targets.length > 0 && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          Goes to{" "}
          {plan.targets.map(({ target, letters }) => `${target} (${letters.toLocaleString("en-GB")})`).join(", ")}
        </Text>
      )}
      {plan.letters > plan.orders && plan.orders > 0 && (
        <Text size="sm">Letters of one order leave one after the other, in the order of its history.</Text>
      )}
      <Names title="Headers removed" names={plan.headersRemoved} />
      <Names title="Headers added" names={plan.headersAdded} />
      <Text size="sm" c="dimmed" component="div">
        These letters are frozen: whatever dies from now on is not part of it. Good until <Time at={plan.expiresAt} />.
      </Text>
    </Stack>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Group gap={6}>
      <Text size="sm">{title}:</Text>
      {names.map((name) => (
        <Code key={name}>{name}</Code>
      ))}
    </Group>
  );
}
