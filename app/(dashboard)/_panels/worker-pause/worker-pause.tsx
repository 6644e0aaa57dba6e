"use client";

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { PauseRequest } from "#contracts/api/operations";
import { consumersQuery, pauseWorker, resumeWorker } from "../../_queries/consumers.ts";
import { mapQuery } from "../../_queries/pipeline.ts";
import { queuesQuery } from "../../_queries/queues.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";

type WorkerPauseProps = { worker: string; pausedBy: string | null };

/** Says that a worker waits by somebody's will; nothing while it works. */
export function PauseBanner({ worker, pausedBy }: WorkerPauseProps) {
  if (pausedBy === null) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      role="status"
      icon={<IconPlayerPause aria-hidden />}
      title={
        <Text span fw={600} size="sm" c="var(--mantine-color-text)">
          {worker} is paused by {pausedBy}
        </Text>
      }
    >
      <Text size="sm">
        It takes nothing until somebody resumes it, also after a restart. What arrives meanwhile waits in the broker and
        is not lost.
      </Text>
    </Alert>
  );
}

/** Pauses a worker, or resumes it; each with a reason that stands in the audit. */
export function PauseButton({ worker, pausedBy }: WorkerPauseProps) {
  const [isOpen, { open, close }] = useDisclosure();
  const refusal = useRefusal("workers:control");
  const isPaused = pausedBy !== null;
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause;
  return (
    <>
      <GuardedButton
        refusal={refusal}
        size="xs"
        variant="default"
        leftSection={<Icon size={14} aria-hidden />}
        onClick={open}
        aria-label={`${isPaused ? "Resume" : "Pause"} ${worker}`}
      >
        {isPaused ? "Resume" : "Pause"}
      </GuardedButton>
      {isOpen && <PauseDialog worker={worker} wasPaused={isPaused} onClose={close} />}
    </>
  );
}

/** What it does is decided when it opens: somebody else's pause meanwhile never turns it into a resume. */
function PauseDialog({ worker, wasPaused, onClose }: { worker: string; wasPaused: boolean; onClose(): void }) {
  const [isPaused] = useState(wasPaused);
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { keyFor } = useActKey();
  const change = useMutation({
    mutationFn: () => (isPaused ? resumeWorker : pauseWorker)(worker, reason.trim(), keyFor({ isPaused, reason })),
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [consumersQuery, queuesQuery, mapQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey })),
      );
    },
  });
  const isReasoned = PauseRequest.safeParse({ reason }).success;
  return (
    <Dialog title={`${isPaused ? "Resume" : "Pause"} ${worker}`} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReasoned) change.mutate();
        }}
      >
        <Stack>
          <Text size="sm">
            {isPaused
              ? "It goes on where it stopped. What waits is worked on in its order."
              : "It finishes what it has in hand and takes nothing more. What arrives waits in the broker."}
          </Text>
          <ReasonField value={reason} onChange={setReason} maxLength={500} hasFocus />
          <Refused title={isPaused ? "It was not resumed" : "It was not paused"} error={change.error} />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isReasoned} loading={change.isPending}>
              {isPaused ? "Resume" : "Pause"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
