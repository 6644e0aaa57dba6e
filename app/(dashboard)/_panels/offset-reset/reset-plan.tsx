"use client";

import { Alert, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { OffsetResetReply } from "#contracts/api/operations";
import { Refused } from "../../_ui/dialog.tsx";
import { FigureTable } from "../../_ui/figure-table.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { preparePlan } from "./prepare-reset.ts";

const columns = [
  { label: "Partition", isNumber: true },
  { label: "Now", isNumber: true },
  { label: "Then", isNumber: true },
  { label: "Which means" },
];

type ResetPlanProps = {
  group: string;
  reply: OffsetResetReply;
  isMoving: boolean;
  error: Error | null;
  onMove(typedGroup: string, reason: string): void;
  onBack(): void;
  onClose(): void;
};

/** What a reset would do, and once it is done, what it did. */
export function ResetPlan({ group, reply, isMoving, error, onMove, onBack, onClose }: ResetPlanProps) {
  const [typedGroup, setTypedGroup] = useState("");
  const [reason, setReason] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typedGroup === group) onMove(typedGroup, reason.trim());
      }}
    >
      <Stack>
        {reply.isDone && (
          <Alert color="teal" variant="outline" role="status">
            <Text size="sm" c="var(--mantine-color-text)">
              Done. The group reads from here when its worker is resumed.
            </Text>
          </Alert>
        )}
        <FigureTable label="Plan" columns={columns} minWidth={420}>
          {preparePlan(reply).map((line) => (
            <Table.Tr key={line.partition}>
              <Table.Td ta="right">{line.partition}</Table.Td>
              <Table.Td ta="right">{line.from}</Table.Td>
              <Table.Td ta="right">{line.to}</Table.Td>
              <Table.Td>{line.meaning}</Table.Td>
            </Table.Tr>
          ))}
        </FigureTable>
        {reply.isDone ? (
          <Group justify="end">
            <Button onClick={onClose}>Close</Button>
          </Group>
        ) : (
          <>
            <ReasonField value={reason} onChange={setReason} />
            <TextInput
              label={`Type ${group} to move its offsets`}
              value={typedGroup}
              onChange={({ currentTarget }) => setTypedGroup(currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
            <Refused title="Nothing was moved" error={error} />
            <Group justify="end">
              <Button variant="default" onClick={onBack}>
                Another plan
              </Button>
              <Button type="submit" color="red" disabled={typedGroup !== group} loading={isMoving}>
                Move the offsets
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}
