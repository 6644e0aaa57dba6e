"use client";

import { Group, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Run, RunChange } from "#contracts/api/replays";
import { changeRun, runQuery } from "../../_queries/replays.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { prepareActions } from "./prepare-run.ts";

/** Cancel, start, pause, resume, another rate: each holds within a second. */
export function RunControls({ run }: { run: Run }) {
  const client = useQueryClient();
  const key = useActKey();
  const bulkRefusal = useRefusal("dead-letters:bulk");
  const replayRefusal = useRefusal("dead-letters:replay");
  /** What was typed; undefined = nothing yet, the field shows what holds now. */
  const [typed, setTyped] = useState<number | null>();
  const rate = typed === undefined ? run.ratePerSecond : typed;
  const change = useMutation({
    mutationFn: (wanted: RunChange) => changeRun(run.runId, wanted, key.keyFor(wanted)),
    onSettled() {
      key.forget();
      return client.invalidateQueries({ queryKey: runQuery(run.runId).queryKey });
    },
    onSuccess(changed, { action }) {
      client.setQueryData(runQuery(run.runId).queryKey, (old) => old && { ...old, run: changed });
      if (action === "rate") setTyped(undefined);
    },
    onError: (error) => notifications.show({ color: "red", title: "The run did not change", message: error.message }),
  });
  const actions = prepareActions(run);
  if (actions.length === 0) return null;
  const refusal = run.letters > 1 ? bulkRefusal : replayRefusal;
  const isRateNew = rate !== null && rate !== run.ratePerSecond;
  return (
    <Group gap="xs" align="end">
      {actions.map(({ action, label }, index) => (
        <GuardedButton
          key={action}
          size="sm"
          variant={index === 0 ? "filled" : "default"}
          color={action === "cancel" ? "red.9" : undefined}
          refusal={action === "start" ? bulkRefusal : refusal}
          loading={change.isPending && change.variables.action === action}
          onClick={() => change.mutate({ action })}
        >
          {label}
        </GuardedButton>
      ))}
      <NumberInput
        aria-label="Letters per second"
        value={rate ?? ""}
        onChange={(value) => setTyped(typeof value === "number" ? value : null)}
        min={0.1}
        max={500}
        decimalScale={1}
        suffix=" /s"
        w={96}
        size="sm"
        disabled={refusal !== null}
      />
      <GuardedButton
        size="sm"
        variant="default"
        refusal={refusal ?? (isRateNew ? null : "Type another rate first.")}
        onClick={() => rate !== null && change.mutate({ action: "rate", ratePerSecond: rate })}
      >
        Change rate
      </GuardedButton>
    </Group>
  );
}
