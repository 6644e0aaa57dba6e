"use client";

import { Button, Group, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { GroupChange, GroupRow } from "#contracts/api/dead-letters";
import { type GroupStatus, groupStatuses, groupStatusLabels } from "#contracts/vocabulary";
import { changeGroup } from "../../_queries/dead-letters.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { prepareChange } from "./prepare-causes.ts";

const statusOptions = groupStatuses.map((value) => ({ value, label: groupStatusLabels[value].label }));

/**
 * Who looks after a cause, how far they are, what they found out. Only what was changed here is sent: somebody else may
 * have changed the rest meanwhile.
 */
export function CauseChangeDialog({ group, onClose }: { group: GroupRow; onClose(): void }) {
  const [before] = useState(group);
  const [status, setStatus] = useState<GroupStatus>(before.status);
  const [owner, setOwner] = useState(before.owner ?? "");
  const [note, setNote] = useState(before.note ?? "");
  const change = prepareChange(before, { status, owner, note });
  const key = useActKey();
  const refresh = useRefreshLetters();
  const save = useMutation({
    mutationFn: (fields: GroupChange) => changeGroup(group.id, fields, key.keyFor(fields)),
    onSuccess() {
      key.forget();
      void refresh();
      onClose();
    },
  });
  return (
    <Dialog title="State, owner and note" onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (change) save.mutate(change);
        }}
      >
        <Stack>
          <Select
            label="State"
            description="A resolved cause opens again by itself when it recurs."
            data={statusOptions}
            value={status}
            onChange={(value) => value && setStatus(value as GroupStatus)}
            allowDeselect={false}
          />
          <TextInput
            label="Owner"
            value={owner}
            onChange={({ currentTarget }) => setOwner(currentTarget.value)}
            maxLength={200}
          />
          <Textarea
            label="Note"
            value={note}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
            maxLength={4_000}
            autosize
            minRows={3}
          />
          <Refused title="Nothing was changed" error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!change} loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
