"use client";

import { Button, Group, Radio, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { type AlertRow, SilenceRequest } from "#contracts/api/alerts";
import { useAlertAct } from "../../_queries/alerts.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { silenceSpans } from "./prepare-alerts.ts";

/** For some time nobody is told of this one, or of everything by its rule. */
export function SilenceDialog({ alert, onClose }: { alert: AlertRow; onClose(): void }) {
  const [scope, setScope] = useState("one");
  const [forMs, setForMs] = useState(silenceSpans[1]!.value);
  const [reason, setReason] = useState("");
  const act = useAlertAct(onClose);
  const request = SilenceRequest.safeParse({
    rule: alert.rule,
    subject: scope === "one" ? alert.subject : null,
    reason,
    forMs: Number(forMs),
  });
  return (
    <Dialog title="Silence" onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (request.success) act.mutate({ kind: "silence", request: request.data });
        }}
      >
        <Stack>
          <Text size="sm">
            It stays on this page. Whoever is told of alerts is told when the silence ends and it still lasts.
          </Text>
          <Radio.Group label="What is silenced" value={scope} onChange={setScope}>
            <Stack gap={4} mt={4}>
              <Radio value="one" label={alert.summary} />
              <Radio value="rule" label="Everything by the same rule" />
            </Stack>
          </Radio.Group>
          <Select
            label="For"
            data={silenceSpans}
            value={forMs}
            onChange={(value) => value && setForMs(value)}
            allowDeselect={false}
          />
          <ReasonField value={reason} onChange={setReason} maxLength={500} hasFocus />
          <Refused title="It was not silenced" error={act.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!request.success} loading={act.isPending}>
              Silence
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
