"use client";

import { Anchor, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import Link from "next/link";
import type { AlertRow } from "#contracts/api/alerts";
import { alertStatusLabels } from "#contracts/vocabulary";
import { useAlertAct } from "../../_queries/alerts.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";

/** One alert: what is wrong, since when, who is on it; its sentence leads to the view. */
export function AlertLine({ alert, onSilence }: { alert: AlertRow; onSilence(): void }) {
  const acknowledging = useRefusal("alerts:acknowledge");
  const managing = useRefusal("alerts:manage");
  const act = useAlertAct();
  const { id, status, summary, href, since, acknowledgedBy, resolvedAt, isSilenced } = alert;
  const acknowledge = () =>
    act.mutate(
      { kind: "acknowledge", id },
      {
        onError: ({ message }) => notifications.show({ color: "red", title: "It was not acknowledged", message }),
      },
    );
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="xs">
      <div style={{ minWidth: 0, flex: "1 1 20rem" }}>
        <Anchor
          component={Link}
          href={href}
          fw={600}
          c="inherit"
          underline="always"
          style={{ overflowWrap: "anywhere" }}
        >
          {summary}
        </Anchor>
        <Group gap="xs">
          <ToneBadge {...alertStatusLabels[status]} />
          {isSilenced && status !== "resolved" && <ToneBadge label="Silenced" tone="neutral" />}
          <Text size="xs" c="dimmed">
            since <Ago at={since} size="xs" />
            {resolvedAt && (
              <>
                , over <Ago at={resolvedAt} size="xs" />
              </>
            )}
            {acknowledgedBy && `, ${acknowledgedBy} is on it`}
          </Text>
        </Group>
      </div>
      {status !== "resolved" && (
        <Group gap="xs">
          {status === "firing" && (
            <GuardedButton
              size="xs"
              refusal={acknowledging}
              loading={act.isPending}
              onClick={acknowledge}
              aria-label={`Acknowledge: ${summary}`}
            >
              Acknowledge
            </GuardedButton>
          )}
          {!isSilenced && (
            <GuardedButton
              size="xs"
              variant="default"
              refusal={managing}
              onClick={onSilence}
              aria-label={`Silence: ${summary}`}
            >
              Silence…
            </GuardedButton>
          )}
        </Group>
      )}
    </Group>
  );
}
