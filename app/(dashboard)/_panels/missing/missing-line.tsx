"use client";

import { Anchor, Group, Text } from "@mantine/core";
import Link from "next/link";
import type { FindingRow } from "#contracts/api/findings";
import { findingKindLabels } from "#contracts/vocabulary";
import { Ago } from "../../_ui/ago.tsx";
import { formatMoney } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { StatusBadge } from "../../_ui/status-badge.tsx";
import { orderName } from "./prepare-missing.ts";

type MissingLineProps = { finding: FindingRow; refusal: string | null; onSend(): void };

/** One thing that is missing: which order, what it is worth, since when, and whether somebody is on it. */
export function MissingLine({ finding, refusal, onSend }: MissingLineProps) {
  const { detail, foundAt, canReEmit, sentAgain } = finding;
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="xs">
      <div style={{ minWidth: 0, flex: "1 1 20rem" }}>
        <Group gap="xs">
          <OrderLink finding={finding} />
          {finding.orderStatus && <StatusBadge status={finding.orderStatus} />}
          {finding.totalCents !== null && finding.currency !== null && (
            <Text size="sm" className="numbers">
              {formatMoney(finding.totalCents, finding.currency)}
              {finding.isTest && " test"}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            found <Ago at={foundAt} size="xs" />
          </Text>
        </Group>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {detail}
        </Text>
        {sentAgain && (
          <Text size="xs">
            Sent again <Ago at={sentAgain.at} size="xs" /> by {sentAgain.by}; it is resolved when it arrives.
          </Text>
        )}
      </div>
      <GuardedButton
        size="xs"
        variant="default"
        refusal={refusal ?? (canReEmit ? null : "No copy of it is left.")}
        onClick={onSend}
        aria-label={`Send again: ${orderName(finding)}`}
      >
        Send again…
      </GuardedButton>
    </Group>
  );
}

/** Something that was missing, and how it ended. */
export function ResolvedLine({ finding }: { finding: FindingRow }) {
  const { kind, resolution, resolvedAt } = finding;
  return (
    <Group component="li" gap="xs">
      <OrderLink finding={finding} />
      <Text size="sm">
        {findingKindLabels[kind].label}: {resolution}
      </Text>
      {resolvedAt && (
        <Text size="xs" c="dimmed">
          <Ago at={resolvedAt} size="xs" />
        </Text>
      )}
    </Group>
  );
}

const OrderLink = ({ finding }: { finding: FindingRow }) => (
  <Anchor
    component={Link}
    href={`/orders/${finding.orderId}`}
    prefetch={false}
    fw={600}
    size="sm"
    underline="always"
    className="numbers"
  >
    {orderName(finding)}
  </Anchor>
);
