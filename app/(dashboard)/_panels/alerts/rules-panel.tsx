"use client";

import { Button, Group, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import type { RuleRow } from "#contracts/api/alerts";
import { useAlertAct } from "../../_queries/alerts.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { prepareRuleChange, type RuleForm, toRuleForm } from "./prepare-alerts.ts";

/** What is watched, in sentences that hold as they are read. */
export function RulesPanel({ rules }: { rules: RuleRow[] }) {
  const refusal = useRefusal("alerts:manage");
  const [changing, setChanging] = useState<RuleRow | null>(null);
  return (
    <Panel title="Rules">
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label="Rules">
        {rules.map((rule) => (
          <Group component="li" key={rule.id} justify="space-between" align="flex-start" gap="xs">
            <div style={{ minWidth: 0, flex: "1 1 20rem" }}>
              <Group gap="xs">
                <Text fw={600}>{rule.label}</Text>
                {!rule.isEnabled && <ToneBadge label="Off" tone="neutral" />}
              </Group>
              <Text size="sm">{rule.sentence}</Text>
            </div>
            <GuardedButton
              size="xs"
              variant="default"
              refusal={refusal}
              onClick={() => setChanging(rule)}
              aria-label={`Change ${rule.label}`}
            >
              Change…
            </GuardedButton>
          </Group>
        ))}
      </Stack>
      {changing && <RuleDialog rule={changing} onClose={() => setChanging(null)} />}
    </Panel>
  );
}

function RuleDialog({ rule, onClose }: { rule: RuleRow; onClose(): void }) {
  const [form, setForm] = useState<RuleForm>(() => toRuleForm(rule));
  const set = (change: Partial<RuleForm>) => setForm({ ...form, ...change });
  const act = useAlertAct(onClose);
  const change = prepareRuleChange(rule, form);
  return (
    <Dialog title={rule.label} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (change) act.mutate({ kind: "changeRule", id: rule.id, change });
        }}
      >
        <Stack>
          <Text size="sm">{rule.sentence}</Text>
          <Switch
            label="The rule is on"
            checked={form.isEnabled}
            onChange={({ currentTarget }) => set({ isEnabled: currentTarget.checked })}
          />
          {rule.threshold !== null && (
            <NumberInput
              label={`More than (${rule.unit ?? "number"})`}
              min={0}
              value={form.threshold}
              onChange={(threshold) => set({ threshold })}
              data-autofocus
            />
          )}
          <NumberInput
            label="For so long (s)"
            description="Only what lasts is told."
            min={0}
            max={86_400}
            value={form.forSeconds}
            onChange={(forSeconds) => set({ forSeconds })}
          />
          <Refused title="The rule was not changed" error={act.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!change} loading={act.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
