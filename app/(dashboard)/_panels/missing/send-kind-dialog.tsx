"use client";

import { Button, Group, List, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReEmitKindReply } from "#contracts/api/findings";
import { type FindingKind, findingKindLabels } from "#contracts/vocabulary";
import { FINDINGS, planReEmits, reEmitKind } from "../../_queries/findings.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { formatCount, formatMoneys } from "../../_ui/format.ts";
import { useActKey } from "../../_ui/use-act-key.ts";
import { isReason, ReasonField } from "./reason-field.tsx";

/** Sends all of a kind again: first what would leave, then a reason, then the receipt. */
export function SendKindDialog({ kind, onClose }: { kind: FindingKind; onClose(): void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const key = useActKey();
  // Frozen: what is found while somebody reads is not part of it.
  const plan = useQuery({
    queryKey: ["re-emit-plan", kind],
    queryFn: () => planReEmits(kind),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const send = useMutation({
    mutationFn(findingIds: string[]) {
      const request = { kind, accepted: { findingIds, reason: reason.trim() } };
      return reEmitKind(request, key.keyFor(request));
    },
    onSuccess() {
      key.forget();
      return client.invalidateQueries({ queryKey: FINDINGS });
    },
  });
  const isEmpty = plan.data?.findingIds.length === 0;
  return (
    <Dialog title={`${findingKindLabels[kind].label}: send all again`} onClose={onClose} size="lg">
      {send.data ? (
        <Stack>
          <Outcome reply={send.data} isDone />
          <Text size="sm">Each is resolved when it arrives; the list says so by itself.</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>Close</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (plan.data && isReason(reason) && !isEmpty) send.mutate(plan.data.findingIds);
          }}
        >
          <Stack>
            {plan.isPending && <Skeleton height={90} />}
            {plan.data && <Outcome reply={plan.data} />}
            <Refused title="There is no plan" error={plan.error} />
            <ReasonField value={reason} onChange={setReason} />
            <Refused title="Nothing was sent" error={send.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button
                type="submit"
                disabled={!plan.data || isEmpty || !isReason(reason)}
                loading={send.isPending}
                className="numbers"
              >
                {plan.data ? `Send ${plan.data.findingIds.length.toLocaleString("en-GB")} again` : "Send again"}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

/** A plan, or what came of it, in the same words. */
function Outcome({ reply, isDone = false }: { reply: ReEmitKindReply; isDone?: boolean }) {
  const { findingIds, open, orders, money, effects, left, sentBefore } = reply;
  const rest = open - findingIds.length - left.reduce((sum, { findings }) => sum + findings, 0);
  return (
    <Stack gap="xs" className="numbers" role="status">
      <Text size="sm" fw={600}>
        {isDone ? "Sent again" : "Would be sent again"}: {formatCount(findingIds.length, "finding")} of{" "}
        {formatCount(orders, "order")}
        {money.length > 0 && `, ${formatMoneys(money)}`}.
      </Text>
      <List size="sm">
        {effects.map(({ detail, findings }) => (
          <List.Item key={detail}>
            {findings > 1 && `${findings.toLocaleString("en-GB")} × `}
            {detail}
          </List.Item>
        ))}
        {left.map(({ why, findings }) => (
          <List.Item key={why}>
            {findings.toLocaleString("en-GB")} left alone: {why}
          </List.Item>
        ))}
      </List>
      {!isDone && sentBefore > 0 && (
        <Text size="sm">{formatCount(sentBefore, "of them was", "of them were")} sent again before.</Text>
      )}
      {!isDone && rest > 0 && (
        <Text size="sm">The oldest go first; {rest.toLocaleString("en-GB")} more stay open for the next time.</Text>
      )}
    </Stack>
  );
}
