"use client";

import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { archiveLetters, restoreLetters } from "../../_queries/dead-letters.ts";
import { askForPurge } from "../../_queries/replays.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { formatCount } from "../../_ui/format.ts";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import type { LetterAct } from "./prepare-acts.ts";

const words = {
  archive: {
    title: "Archive",
    explains: "Archived letters leave the lists and are sent by nobody. They can be restored for 14 days.",
    done: (letters: number) => `${formatCount(letters, "letter")} archived; restorable for 14 days.`,
  },
  restore: {
    title: "Restore",
    explains: "Restored letters wait again, as they were before they were archived.",
    done: (letters: number) => `${formatCount(letters, "letter waits", "letters wait")} again.`,
  },
  purge: {
    title: "Purge",
    explains: "Purged letters are gone for ever, bodies and all. A second person must agree before it happens.",
    done: (letters: number) => `Asked for: ${formatCount(letters, "letter")}. Somebody else must approve it.`,
  },
} as const;

type ArchiveDialogProps = { act: LetterAct & { kind: keyof typeof words }; onClose(): void; onDone?(): void };

/** Archive, restore or ask for a purge: one reason, and for the purge the number typed by hand. */
export function ArchiveDialog({ act, onClose, onDone }: ArchiveDialogProps) {
  const [reason, setReason] = useState("");
  const [typedCount, setTypedCount] = useState<number | null>(null);
  const key = useActKey();
  const refresh = useRefreshLetters();
  const { title, explains, done } = words[act.kind];
  const send = useMutation({
    mutationFn: (): Promise<{ letters: number }> => {
      const request = { selection: act.selection, reason: reason.trim() };
      if (act.kind !== "purge") {
        const change = act.kind === "archive" ? archiveLetters : restoreLetters;
        return change(request, key.keyFor(request));
      }
      const ask = { ...request, typedCount: typedCount ?? 0 };
      return askForPurge(ask, key.keyFor(ask));
    },
    onSuccess({ letters }) {
      key.forget();
      notifications.show({ color: "teal", title, message: done(letters) });
      void refresh();
      onDone?.();
      onClose();
    },
  });
  const isComplete = reason.trim().length >= 3 && (act.kind !== "purge" || typedCount !== null);

  return (
    <Dialog title={`${title} ${act.what}`} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) send.mutate();
        }}
      >
        <Stack>
          <Text size="sm">{explains}</Text>
          <ReasonField value={reason} onChange={setReason} hasFocus />
          {act.kind === "purge" && (
            <NumberInput
              label="Number of letters"
              description="Type it by hand: it must be right."
              value={typedCount ?? ""}
              onChange={(value) => setTypedCount(typeof value === "number" ? value : null)}
              min={1}
              allowDecimal={false}
              hideControls
              required
            />
          )}
          <Refused title="Nothing was changed" error={send.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={act.kind === "purge" ? "red.9" : undefined}
              disabled={!isComplete}
              loading={send.isPending}
            >
              {title}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
