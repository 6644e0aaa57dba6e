"use client";

import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GroupView, OffsetReset } from "#contracts/api/operations";
import { consumersQuery, resetOffsets } from "../../_queries/consumers.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { readInstant, useClock } from "../../_ui/clock.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { prepareTarget, type ResetKind, refuseReset, resetKinds } from "./prepare-reset.ts";
import { ResetPlan } from "./reset-plan.tsx";

type Target = OffsetReset["to"];

/** Moves where a stopped group reads from: first a plan, then its name typed by hand. */
export function OffsetResetButton({ group, isKafkaUp }: { group: GroupView; isKafkaUp: boolean }) {
  const [isOpen, { open, close }] = useDisclosure();
  const forbidden = useRefusal("workers:control");
  const refusal = forbidden ?? refuseReset({ members: group.members, isKafkaUp });
  return (
    <>
      <GuardedButton refusal={refusal} size="xs" variant="default" onClick={open}>
        Move offsets
      </GuardedButton>
      {isOpen && <ResetDialog group={group} onClose={close} />}
    </>
  );
}

function ResetDialog({ group, onClose }: { group: GroupView; onClose(): void }) {
  const client = useQueryClient();
  const { keyFor, forget } = useActKey();
  const [target, setTarget] = useState<Target>();
  const plan = useMutation({
    mutationFn: (to: Target) => resetOffsets(group.group, { topic: group.topic, to }, keyFor({ to })),
    onSuccess(_, to) {
      // The next plan is a new one, also for the same place: records go on coming in.
      forget();
      setTarget(to);
    },
  });
  const move = useMutation({
    mutationFn: ({ to, typedGroup, reason }: { to: Target; typedGroup: string; reason: string }) => {
      const reset: OffsetReset = { topic: group.topic, to, typedGroup, ...(reason && { reason }) };
      return resetOffsets(group.group, reset, keyFor(reset));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: consumersQuery.queryKey }),
  });
  const again = () => {
    setTarget(undefined);
    plan.reset();
    move.reset();
  };
  return (
    <Dialog title={`Move the offsets of ${group.group} on ${group.topic}`} onClose={onClose} size="xl">
      {plan.data && target ? (
        <ResetPlan
          group={group.group}
          reply={move.data ?? plan.data}
          isMoving={move.isPending}
          error={move.error}
          onMove={(typedGroup, reason) => move.mutate({ to: target, typedGroup, reason })}
          onBack={again}
          onClose={onClose}
        />
      ) : (
        <TargetForm
          partitions={group.partitions.map(({ partition }) => String(partition))}
          isPlanning={plan.isPending}
          error={plan.error}
          onPlan={plan.mutate}
        />
      )}
    </Dialog>
  );
}

type TargetFormProps = {
  partitions: readonly string[];
  isPlanning: boolean;
  error: Error | null;
  onPlan(to: Target): void;
};

function TargetForm({ partitions, isPlanning, error, onPlan }: TargetFormProps) {
  const clock = useClock();
  const [kind, setKind] = useState<ResetKind>("earliest");
  const [time, setTime] = useState("");
  const [partition, setPartition] = useState(partitions[0] ?? "0");
  const [offset, setOffset] = useState("");
  const target = prepareTarget({ kind, at: readInstant(time, clock), partition, offset });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (target) onPlan(target);
      }}
    >
      <Stack>
        <Select
          label="Read from"
          data={resetKinds}
          value={kind}
          onChange={(value) => value && setKind(value as ResetKind)}
          allowDeselect={false}
        />
        {kind === "time" && (
          <TextInput
            type="datetime-local"
            step={1}
            label={`Time (${clock === "utc" ? "UTC" : "local"})`}
            value={time}
            onChange={({ currentTarget }) => setTime(currentTarget.value)}
          />
        )}
        {kind === "offset" && (
          <Group grow>
            <Select
              label="Partition"
              data={partitions}
              value={partition}
              onChange={(value) => value && setPartition(value)}
              allowDeselect={false}
            />
            <TextInput
              label="Offset"
              inputMode="numeric"
              value={offset}
              onChange={({ currentTarget }) => setOffset(currentTarget.value.trim())}
            />
          </Group>
        )}
        <Text size="sm">The plan says what would be read again and what would be skipped. It moves nothing.</Text>
        <Refused title="There is no plan" error={error} />
        <Group justify="end">
          <Button type="submit" disabled={!target} loading={isPlanning}>
            Make a plan
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
