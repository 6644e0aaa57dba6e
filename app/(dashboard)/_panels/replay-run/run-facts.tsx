import { Anchor, Group, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { ReactNode } from "react";
import type { RunDetail } from "#contracts/api/replays";
import { verdictLabels } from "#contracts/vocabulary";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { Time } from "../../_ui/time.tsx";

const kinds = {
  retry: "Retry, each letter to where it came from",
  redirect: "Redirect",
  edit: "Edit and retry",
} as const;

/** Who, why, how: what the run was asked to do. */
export function RunFacts({ detail: { run, verdicts } }: { detail: RunDetail }) {
  const facts: [string, ReactNode][] = [
    ["Kind", run.target ? `${kinds[run.kind]} to ${run.target}` : kinds[run.kind]],
    ["Letters", run.letters.toLocaleString("en-GB")],
    ["Steps", run.steps.length > 0 ? `${run.steps.join(", ")}, then all` : "all at once"],
    [
      "Stops by itself",
      run.stopAbovePercent === null
        ? "never"
        : `when more than ${run.stopAbovePercent} % of the settled ones fail again`,
    ],
    ["Planned", <Said key="planned" by={run.plannedBy} at={run.plannedAt} />],
    ["Accepted", run.acceptedBy ?? "–"],
    ["Reason", run.reason ?? "–"],
    [
      "Verdicts",
      <Group key="verdicts" gap="sm">
        {verdicts.map(({ verdict, letters }) => (
          <ToneBadge
            key={verdict}
            tone={verdictLabels[verdict].tone}
            label={`${letters.toLocaleString("en-GB")} ${verdictLabels[verdict].label.toLowerCase()}`}
          />
        ))}
      </Group>,
    ],
    [
      "Audit",
      <Anchor key="audit" component={Link} href={`/audit?operationId=${run.operationId}`} size="sm">
        Everything this run did
      </Anchor>,
    ],
  ];
  return (
    <Panel title="What was asked">
      <Table verticalSpacing={4} className="numbers">
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={130} fw={500}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

function Said({ by, at }: { by: string; at: string }) {
  return (
    <Text size="sm" span>
      {by}, <Time at={at} />
    </Text>
  );
}
