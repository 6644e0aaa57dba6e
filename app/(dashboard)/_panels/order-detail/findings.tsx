"use client";

import { Alert, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FindingRow } from "#contracts/api/findings";
import { findingKindLabels } from "#contracts/vocabulary";
import { FINDINGS, findingsQuery, reEmitFinding } from "../../_queries/findings.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";

/** What the reconciler misses of this order, each with the way to send it again. */
export function Findings({ orderId }: { orderId: string }) {
  const findings = useQuery(findingsQuery(orderId)).data?.findings ?? [];
  return findings
    .filter(({ resolvedAt }) => resolvedAt === null)
    .map((finding) => <Finding key={finding.id} finding={finding} />);
}

function Finding({ finding: { id, kind, detail, canReEmit } }: { finding: FindingRow }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const key = useActKey();
  const refusal = useRefusal("dead-letters:bulk");
  const reEmit = useMutation({
    mutationFn: () => reEmitFinding(id, reason.trim(), key.keyFor({ id, reason })),
    onSuccess: () => {
      key.forget();
      return client.invalidateQueries({ queryKey: FINDINGS });
    },
  });
  const missing = !canReEmit ? "No copy of it is left." : reason.trim().length < 3 ? "Say why first." : null;
  return (
    <Alert color="red" variant="outline" title={findingKindLabels[kind].label} role="status">
      <Stack gap="xs">
        <Text size="sm">{reEmit.data ? `${reEmit.data.detail} It is resolved when it arrives.` : detail}</Text>
        <Group align="end">
          <TextInput
            label="Why it is sent again"
            size="xs"
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <GuardedButton
            size="xs"
            variant="default"
            refusal={refusal ?? missing}
            loading={reEmit.isPending}
            onClick={() => reEmit.mutate()}
          >
            Send it again
          </GuardedButton>
        </Group>
        <Refused title="It was not sent" error={reEmit.error} />
      </Stack>
    </Alert>
  );
}
