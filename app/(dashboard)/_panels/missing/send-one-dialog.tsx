"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FindingRow } from "#contracts/api/findings";
import { FINDINGS, reEmitFinding } from "../../_queries/findings.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { kindWords, orderName } from "./prepare-missing.ts";
import { isReason, ReasonField } from "./reason-field.tsx";

/** Sends one thing again. */
export function SendOneDialog({ finding, onClose }: { finding: FindingRow; onClose(): void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const key = useActKey();
  const send = useMutation({
    mutationFn: () => reEmitFinding(finding.id, reason.trim(), key.keyFor({ id: finding.id, reason })),
    onSuccess({ detail }) {
      key.forget();
      notifications.show({ color: "teal", title: `${orderName(finding)}: sent again`, message: detail });
      void client.invalidateQueries({ queryKey: FINDINGS });
      onClose();
    },
  });
  return (
    <Dialog title={`${orderName(finding)}: send again`} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReason(reason)) send.mutate();
        }}
      >
        <Stack>
          <Text size="sm">{finding.detail}</Text>
          <Text size="sm">{kindWords[finding.kind]}</Text>
          <ReasonField value={reason} onChange={setReason} />
          <Refused title="It was not sent" error={send.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isReason(reason)} loading={send.isPending}>
              Send again
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
