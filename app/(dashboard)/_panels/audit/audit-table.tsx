import { Anchor, Button, Code, ScrollArea, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { AuditEntry } from "#contracts/api/audit";
import { Ago } from "../../_ui/ago.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { prepareState, stages, subjectHref } from "./prepare-audit.ts";

type AuditTableProps = { entries: readonly AuditEntry[]; onOperation(operationId: string): void };

/** One line per intent, outcome or refusal; an operation's lines share its id. */
export function AuditTable({ entries, onOperation }: AuditTableProps) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Audit entries" }}>
      <Table verticalSpacing={6} miw={980}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Stage</Table.Th>
            <Table.Th>Subject</Table.Th>
            <Table.Th>Why, before and after</Table.Th>
            <Table.Th>Operation</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {entries.map((entry) => (
            <Table.Tr key={entry.id} style={{ verticalAlign: "top" }}>
              <Table.Td>
                <Ago at={entry.occurredAt} />
              </Table.Td>
              <Table.Td>
                {entry.actor}
                <Text size="xs" c="dimmed">
                  {entry.role}
                </Text>
              </Table.Td>
              <Table.Td>{entry.action}</Table.Td>
              <Table.Td>
                <ToneBadge {...stages[entry.stage]} />
              </Table.Td>
              <Table.Td maw={240} style={{ overflowWrap: "anywhere" }}>
                <Subject subject={entry.subject} />
              </Table.Td>
              <Table.Td maw={320} style={{ overflowWrap: "anywhere" }}>
                {entry.reason ?? ""}
                <Change before={prepareState(entry.before)} after={prepareState(entry.after)} />
              </Table.Td>
              <Table.Td>
                <Button
                  size="compact-xs"
                  variant="subtle"
                  onClick={() => onOperation(entry.operationId)}
                  aria-label={`Only operation ${entry.operationId.slice(-8)}`}
                >
                  {entry.operationId.slice(-8)}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function Subject({ subject }: { subject: string }) {
  const href = subjectHref(subject);
  if (!href) return subject;
  return (
    <Anchor component={Link} href={href} prefetch={false} size="sm">
      {subject}
    </Anchor>
  );
}

function Change({ before, after }: { before: string | null; after: string | null }) {
  if (before === null && after === null) return null;
  return (
    <details>
      <summary>Before and after</summary>
      {before !== null && (
        <Code block mt={4} style={{ whiteSpace: "pre-wrap" }}>
          {`before: ${before}`}
        </Code>
      )}
      {after !== null && (
        <Code block mt={4} style={{ whiteSpace: "pre-wrap" }}>
          {`after: ${after}`}
        </Code>
      )}
    </details>
  );
}
