"use client";

import { ActionIcon, Button, Group, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconTrash } from "@tabler/icons-react";
import { addHeader, type HeaderRow } from "./prepare-edit.ts";

type HeaderFieldsProps = { rows: readonly HeaderRow[]; onChange(rows: HeaderRow[]): void };

const ruleSentences = {
  locked: "Locked: messages are told apart by it.",
  sensitive: "Sensitive: a wrong value may send the message astray.",
  free: undefined,
} as const;

/** Headers by their rule: some are locked, some want a second look, the rest is free. */
export function HeaderFields({ rows, onChange }: HeaderFieldsProps) {
  const change = (id: number, to: Partial<HeaderRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...to } : row)));
  return (
    <Stack gap="xs">
      {rows.map((row, index) => (
        <HeaderLine
          key={row.id}
          row={row}
          place={index + 1}
          onChange={(to) => change(row.id, to)}
          onRemove={() => onChange(rows.filter(({ id }) => id !== row.id))}
        />
      ))}
      {rows.length === 0 && <Text size="sm">It leaves without headers.</Text>}
      <Group>
        <Button size="xs" variant="default" onClick={() => onChange(addHeader(rows))} disabled={rows.length >= 100}>
          Add a header
        </Button>
      </Group>
    </Stack>
  );
}

type HeaderLineProps = { row: HeaderRow; place: number; onChange(to: Partial<HeaderRow>): void; onRemove(): void };

function HeaderLine({ row: { name, value, rule }, place, onChange, onRemove }: HeaderLineProps) {
  const isLocked = rule === "locked";
  const sentence = ruleSentences[rule];
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <TextInput
        aria-label={`Name of header ${place}`}
        value={name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
        readOnly={rule !== "free"}
        maxLength={255}
        w="34%"
        leftSection={isLocked ? <IconLock size={14} aria-label="Locked" /> : null}
      />
      <TextInput
        aria-label={`Value of header ${name || place}`}
        value={value}
        onChange={({ currentTarget }) => onChange({ value: currentTarget.value })}
        readOnly={isLocked}
        maxLength={4_096}
        flex={1}
        description={sentence}
        inputWrapperOrder={["label", "input", "description", "error"]}
        rightSection={rule === "sensitive" ? <IconAlertTriangle size={14} aria-label="Sensitive" /> : null}
      />
      {rule === "free" ? (
        <Tooltip label="Remove">
          <ActionIcon variant="default" size="lg" onClick={onRemove} aria-label={`Remove header ${name || place}`}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <ActionIcon variant="transparent" size="lg" aria-hidden tabIndex={-1} style={{ visibility: "hidden" }} />
      )}
    </Group>
  );
}
