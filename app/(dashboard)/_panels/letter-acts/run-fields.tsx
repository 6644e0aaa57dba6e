"use client";

import { NumberInput, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import type { Plan } from "#contracts/api/replays";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { prepareDuration, quarantinedIn, type RunChoices } from "./prepare-plan.ts";

type RunFieldsProps = {
  plan: Plan;
  choices: RunChoices;
  /** Why forcing, overriding and leaving out the hold are not allowed; null = they are. */
  refusal: string | null;
  onChange(choices: RunChoices): void;
};

/** How the run goes: its name, its pace, when it stops, what it sends against the verdict. */
export function RunFields({ plan, choices, refusal, onChange }: RunFieldsProps) {
  const set = (change: Partial<RunChoices>) => onChange({ ...choices, ...change });
  const number = (value: string | number) => (typeof value === "number" ? value : null);
  const quarantined = quarantinedIn(plan);
  const needsReason = choices.force || choices.overrideQuarantine;
  const toggle = (
    label: string,
    name: "hasSteps" | "hasHold" | "force" | "overrideQuarantine",
    description?: string,
  ) => (
    <Switch
      label={label}
      description={description}
      checked={choices[name]}
      onChange={({ currentTarget }) => set({ [name]: currentTarget.checked })}
      disabled={refusal !== null && name !== "hasSteps"}
    />
  );
  return (
    <Stack gap="sm">
      <TextInput
        label="Name"
        description="The incident, as the audit will call it."
        value={choices.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        maxLength={200}
        required
        data-autofocus
      />
      <ReasonField value={choices.reason} onChange={(reason) => set({ reason })} isRequired={needsReason} />
      {plan.letters > 1 && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label="Letters per second"
            description={prepareDuration(plan.letters, choices.ratePerSecond)}
            value={choices.ratePerSecond ?? ""}
            onChange={(value) => set({ ratePerSecond: number(value) })}
            min={0.1}
            max={500}
            decimalScale={1}
            clampBehavior="blur"
          />
          <NumberInput
            label="Stop above"
            description="Share that may fail again; empty = never stop."
            suffix=" %"
            value={choices.stopAbovePercent ?? ""}
            onChange={(value) => set({ stopAbovePercent: number(value) })}
            min={0}
            max={100}
            clampBehavior="blur"
          />
        </SimpleGrid>
      )}
      {plan.letters > 1 &&
        toggle("In steps: 1, 5, 25, then all", "hasSteps", "Each step must go well before the next.")}
      {toggle("Hold for 10 s before anything leaves", "hasHold", refusal ?? "Time to cancel without a trace.")}
      {plan.leftOut > 0 &&
        toggle(
          `Force: also send the ${plan.leftOut.toLocaleString("en-GB")} that are not safe`,
          "force",
          refusal ?? "Needs a reason.",
        )}
      {quarantined > 0 &&
        toggle(
          `Override quarantine: also send the ${quarantined.toLocaleString("en-GB")} quarantined`,
          "overrideQuarantine",
          refusal ?? "Needs a reason.",
        )}
    </Stack>
  );
}
