import { Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  DrillEnd,
  type DrillMode,
  DrillRequest,
  type DrillSystem,
  drillModeLabels,
  drillModesOf,
  drillSystemLabels,
} from "#contracts/api/drills";
import { beginDrill, drillsQuery, endDrill } from "../../_queries/drills.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";

/**
 * How and for how long a system is broken, or that it works again; the reason stands in the audit. Which of the two is
 * decided when it opens: a drill that begins or ends meanwhile never turns it into its opposite.
 */
export function DrillDialog({
  system,
  wasBroken,
  onClose,
}: {
  system: DrillSystem;
  wasBroken: boolean;
  onClose(): void;
}) {
  const client = useQueryClient();
  const [isBroken] = useState(wasBroken);
  const [mode, setMode] = useState<DrillMode>(drillModesOf[system][0]!);
  const [minutes, setMinutes] = useState(5);
  const [reason, setReason] = useState("");
  const { keyFor } = useActKey();
  const request = { mode, minutes, reason };
  const change = useMutation({
    mutationFn: () =>
      isBroken
        ? endDrill(system, reason.trim(), keyFor({ reason }))
        : beginDrill(system, { ...request, reason: reason.trim() }, keyFor(request)),
    onSuccess(list) {
      client.setQueryData(drillsQuery.queryKey, list);
      onClose();
    },
  });
  const isComplete = (isBroken ? DrillEnd : DrillRequest).safeParse(request).success;
  const act = isBroken ? "Heal" : "Break";
  return (
    <Dialog title={`${act} ${drillSystemLabels[system]}`} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) change.mutate();
        }}
      >
        <Stack>
          {isBroken ? (
            <Text size="sm">It works again at once. What waits for another attempt comes by itself.</Text>
          ) : (
            <>
              <Select
                label="How it fails"
                data={drillModesOf[system].map((value) => ({ value, label: drillModeLabels[value] }))}
                value={mode}
                onChange={(value) => value && setMode(value as DrillMode)}
                allowDeselect={false}
              />
              <NumberInput
                label="Minutes"
                description="Then it heals by itself."
                value={minutes}
                onChange={(value) => setMinutes(Number(value))}
                min={1}
                max={60}
                allowDecimal={false}
              />
            </>
          )}
          <ReasonField value={reason} onChange={setReason} maxLength={500} hasFocus />
          <Refused title="Nothing was changed" error={change.error} />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isComplete} loading={change.isPending}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
