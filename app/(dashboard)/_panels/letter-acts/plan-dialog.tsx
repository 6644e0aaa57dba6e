"use client";

import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import type { Plan, ReplayTarget, Selection } from "#contracts/api/replays";
import { planQuery, startRun } from "../../_queries/replays.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { PlanSummary } from "./plan-summary.tsx";
import { actLabels, type LetterAct } from "./prepare-acts.ts";
import { initialChoices, prepareLeaving, prepareMissing, toRunRequest } from "./prepare-plan.ts";
import { isTarget, targetKinds } from "./prepare-target.ts";
import { RunFields } from "./run-fields.tsx";
import { TargetFields } from "./target-fields.tsx";

type Asked = { selection: Selection; target?: ReplayTarget };

/** Plan first, then run: nothing leaves before somebody has read what would. */
export function PlanDialog({ act, onClose }: { act: LetterAct & { kind: "retry" | "redirect" }; onClose(): void }) {
  const { kind, selection, what } = act;
  const [asked, setAsked] = useState<Asked | null>(kind === "retry" ? { selection } : null);
  const [target, setTarget] = useState<ReplayTarget>(targetKinds.worker.empty);
  const title = `${actLabels[kind]} ${what}`;
  return (
    <Dialog title={title} onClose={onClose}>
      <Stack>
        {kind === "redirect" && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (isTarget(target)) setAsked({ selection, target });
            }}
          >
            <Stack gap="sm">
              <TargetFields
                target={target}
                onChange={(next) => {
                  setTarget(next);
                  setAsked(null);
                }}
              />
              {!asked && (
                <Group justify="flex-end">
                  <Button type="submit" disabled={!isTarget(target)}>
                    Plan
                  </Button>
                </Group>
              )}
            </Stack>
          </form>
        )}
        {asked && <Planned key={JSON.stringify(asked)} asked={asked} name={title} onClose={onClose} />}
      </Stack>
    </Dialog>
  );
}

function Planned({ asked, name, onClose }: { asked: Asked; name: string; onClose(): void }) {
  const [key, setKey] = useState(() => crypto.randomUUID());
  const plan = useQuery(planQuery(asked, key));
  const planAgain = () => setKey(crypto.randomUUID());
  if (plan.isError)
    return (
      <>
        <Refused title="This could not be planned" error={plan.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={planAgain}>
            Plan again
          </Button>
        </Group>
      </>
    );
  if (!plan.data) return <Skeleton height={220} aria-label="The plan is made" />;
  return <Startable key={plan.data.planId} plan={plan.data} name={name} onPlanAgain={planAgain} onClose={onClose} />;
}

type StartableProps = { plan: Plan; name: string; onPlanAgain(): void; onClose(): void };

function Startable({ plan, name, onPlanAgain, onClose }: StartableProps) {
  const router = useRouter();
  const refresh = useRefreshLetters();
  const refusal = useRefusal("dead-letters:bulk");
  const act = useActKey();
  const isGone = useRef(false);
  const [choices, setChoices] = useState(() => initialChoices(name, plan.letters));
  const missing = prepareMissing(plan, choices, Date.now());
  const start = useMutation({
    mutationFn: () => {
      const request = toRunRequest(plan, choices);
      return startRun(request, act.keyFor(request));
    },
    onSuccess({ runId }) {
      isGone.current = true;
      void refresh();
      router.push(`/dead-letters/runs/${runId}`);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (missing === null && !isGone.current) start.mutate();
      }}
    >
      <Stack>
        <PlanSummary plan={plan} />
        <RunFields plan={plan} choices={choices} refusal={refusal} onChange={setChoices} />
        <Stack
          gap="xs"
          py="xs"
          style={{ position: "sticky", bottom: 0, zIndex: 2, background: "var(--mantine-color-body)" }}
        >
          <Text fw={600} role="status" className="numbers">
            {prepareLeaving(plan, choices)}
          </Text>
          <Refused title="It did not start" error={start.error} />
          <Group justify="flex-end">
            {missing && (
              <Text size="sm" c="dimmed">
                {missing}
              </Text>
            )}
            {start.isError && (
              <Button variant="default" onClick={onPlanAgain}>
                Plan again
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              disabled={missing !== null || plan.letters === 0}
              loading={start.isPending || start.isSuccess}
            >
              Start
            </Button>
          </Group>
        </Stack>
      </Stack>
    </form>
  );
}
