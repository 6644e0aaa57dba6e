"use client";

import { Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { Redirect } from "#contracts/api/redirects";
import { panelState } from "../../_queries/freshness.ts";
import { endRedirect, redirectListQuery } from "../../_queries/redirects.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { formatDuration } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { describeRedirectTarget } from "../redirect-banner/prepare-redirect-banner.ts";

const RedirectDialog = dynamic(() => import("./redirect-dialog.tsx").then((module) => module.RedirectDialog), {
  ssr: false,
});

/** Standing redirects: what is replayed somewhere else on purpose, until when, and why. */
export function RedirectsPanel() {
  const list = useQuery(redirectListQuery);
  const refusal = useRefusal("dead-letters:redirect");
  const [isAdding, setAdding] = useState(false);
  const redirects = list.data?.redirects ?? [];
  return (
    <div id="redirects">
      <Panel
        title="Standing redirects"
        state={panelState(list)}
        aside={
          <GuardedButton size="xs" variant="default" refusal={refusal} onClick={() => setAdding(true)}>
            Add a redirect…
          </GuardedButton>
        }
      >
        {redirects.length === 0 ? (
          <Text>No redirect stands: whatever is replayed goes to where it came from.</Text>
        ) : (
          <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label="Standing redirects">
            {redirects.map((redirect) => (
              <RedirectLine key={redirect.redirectId} redirect={redirect} refusal={refusal} />
            ))}
          </Stack>
        )}
      </Panel>
      {isAdding && <RedirectDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function RedirectLine({ redirect, refusal }: { redirect: Redirect; refusal: string | null }) {
  const client = useQueryClient();
  const key = useActKey();
  const end = useMutation({
    mutationFn: () => endRedirect(redirect.redirectId, key.keyFor(redirect.redirectId)),
    onSuccess(list) {
      key.forget();
      client.setQueryData(redirectListQuery.queryKey, list);
    },
    onError: (error) => notifications.show({ color: "red", title: "The redirect did not end", message: error.message }),
  });
  const { fromKind, fromName, target, reason, isActive, createdBy, createdAt, expiresAt } = redirect;
  const leftMs = Date.parse(expiresAt) - Date.now();
  const isOn = isActive && leftMs > 0;
  return (
    <Group component="li" justify="space-between" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {fromKind} {fromName} → {describeRedirectTarget(target)}
        </Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {reason}
        </Text>
        <Text size="xs" c="dimmed">
          by {createdBy}, <Ago at={createdAt} size="xs" />
          {isOn && `, ends in ${formatDuration(leftMs)}`}
        </Text>
      </div>
      {isOn ? (
        <GuardedButton
          size="xs"
          variant="default"
          refusal={refusal}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          End it now
        </GuardedButton>
      ) : (
        <ToneBadge label="Ended" tone="neutral" />
      )}
    </Group>
  );
}
