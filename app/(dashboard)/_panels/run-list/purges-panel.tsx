"use client";

import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { Purge } from "#contracts/api/replays";
import { decidePurge, purgeListQuery } from "../../_queries/replays.ts";
import { sessionQuery } from "../../_queries/session.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { Refused } from "../../_ui/dialog.tsx";
import { formatCount } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";

type PurgeRow = z.infer<typeof Purge>;

/** Purges that wait for a second person; not there while none does. */
export function PurgesPanel() {
  const mayDecide = useRefusal("dead-letters:bulk") === null;
  const purges = useQuery({ ...purgeListQuery, enabled: mayDecide }).data?.purges ?? [];
  const waiting = purges.filter(({ status }) => status === "requested");
  if (waiting.length === 0) return null;
  return (
    <Panel title="Purges that wait for a second person">
      {waiting.map((purge) => (
        <WaitingPurge key={purge.purgeId} purge={purge} />
      ))}
    </Panel>
  );
}

function WaitingPurge({ purge }: { purge: PurgeRow }) {
  const me = useQuery(sessionQuery).data?.user.email;
  const [typedCount, setTypedCount] = useState<number | null>(null);
  const key = useActKey();
  const refresh = useRefreshLetters();
  const decide = useMutation({
    mutationFn: (decision: "approve" | "refuse") => {
      const request = { decision, ...(decision === "approve" && { typedCount: typedCount ?? 0 }) };
      return decidePurge(purge.purgeId, request, key.keyFor(request));
    },
    onSuccess: () => refresh(),
  });
  const refusal =
    purge.requestedBy === me
      ? "Somebody else has to agree to a purge you asked for."
      : typedCount === null
        ? "Type the number of letters first."
        : null;
  return (
    <Stack gap="xs">
      <Text size="sm">
        <strong>{purge.requestedBy}</strong> wants {formatCount(purge.letters, "letter")} gone for ever: {purge.reason}{" "}
        (
        <Ago at={purge.requestedAt} />)
      </Text>
      <Group align="end" gap="xs">
        <NumberInput
          size="xs"
          label="Number of letters"
          value={typedCount ?? ""}
          onChange={(value) => setTypedCount(typeof value === "number" ? value : null)}
          hideControls
          w={140}
        />
        <GuardedButton size="xs" color="red.9" refusal={refusal} onClick={() => decide.mutate("approve")}>
          Approve
        </GuardedButton>
        <Button size="xs" variant="default" onClick={() => decide.mutate("refuse")} loading={decide.isPending}>
          Refuse
        </Button>
      </Group>
      <Refused title="Nothing was decided" error={decide.error} />
    </Stack>
  );
}
