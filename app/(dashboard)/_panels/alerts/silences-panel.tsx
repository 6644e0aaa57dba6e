"use client";

import { Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Alerts } from "#contracts/api/alerts";
import { useAlertAct } from "../../_queries/alerts.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { formatDuration } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";

type SilencesProps = Pick<Alerts, "silences" | "rules">;

/** What nobody is told of, by whose will and until when. */
export function SilencesPanel({ silences, rules }: SilencesProps) {
  const refusal = useRefusal("alerts:manage");
  const act = useAlertAct();
  return (
    <Panel title="Silences">
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label="Silences">
        {silences.map(({ id, rule, subject, reason, createdBy, endsAt }) => {
          const what = [rules.find((one) => one.id === rule)?.label ?? "Every rule", subject]
            .filter(Boolean)
            .join(", ");
          return (
            <Group component="li" key={id} justify="space-between" align="flex-start" gap="xs">
              <div style={{ minWidth: 0, flex: "1 1 20rem" }}>
                <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                  {what}
                </Text>
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {reason}
                </Text>
                <Text size="xs" c="dimmed" suppressHydrationWarning>
                  by {createdBy}, ends in {formatDuration(Date.parse(endsAt) - Date.now())}
                </Text>
              </div>
              <GuardedButton
                size="xs"
                variant="default"
                refusal={refusal}
                loading={act.isPending && act.variables.kind === "endSilence" && act.variables.id === id}
                onClick={() =>
                  act.mutate(
                    { kind: "endSilence", id },
                    {
                      onError: ({ message }) =>
                        notifications.show({ color: "red", title: "The silence did not end", message }),
                    },
                  )
                }
                aria-label={`End the silence of ${what}`}
              >
                End it now
              </GuardedButton>
            </Group>
          );
        })}
      </Stack>
    </Panel>
  );
}
