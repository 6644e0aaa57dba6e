"use client";

import { Textarea } from "@mantine/core";

/** Shorter is no reason. */
const SHORTEST = 3;

/** Pure. */
export const isReason = (text: string): boolean => text.trim().length >= SHORTEST;

/** Why it is done; it stands in the audit. */
export function ReasonField({ value, onChange }: { value: string; onChange(text: string): void }) {
  return (
    <Textarea
      label="Reason"
      description="Three letters at least; it stands in the audit."
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      maxLength={2_000}
      autosize
      minRows={2}
      required
      data-autofocus
    />
  );
}
