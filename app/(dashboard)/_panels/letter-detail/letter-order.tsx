import { Anchor, Group, Stack, Text } from "@mantine/core";
import Link from "next/link";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { deadLetterStatusLabels } from "#contracts/vocabulary";
import { Personal } from "../../_ui/personal.tsx";
import { StatusBadge, ToneBadge } from "../../_ui/status-badge.tsx";
import { prepareSubject } from "./prepare-letter.ts";

/** The order behind the letter: what the customer sees, and what else of it died. */
export function LetterOrder({ detail }: { detail: LetterDetail }) {
  const { order, letter, endpoint } = detail;
  const others = order?.letters.filter(({ id }) => id !== letter.id) ?? [];
  return (
    <Stack gap="xs">
      {order ? (
        <>
          <Group gap="xs">
            <Anchor component={Link} href={`/orders/${order.orderId}`} prefetch={false} fw={600}>
              Order {order.number}
            </Anchor>
            <StatusBadge status={order.status} />
            <Text size="sm" className="numbers">
              <Personal>{prepareSubject(detail)}</Personal>
            </Text>
          </Group>
          <Text>
            <strong>The customer sees:</strong> {order.customerSees}
          </Text>
        </>
      ) : (
        <Text>
          {letter.orderId ? `It names order ${letter.orderId}, which we do not have.` : "It belongs to no order."}
        </Text>
      )}
      {endpoint && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          A webhook for <strong>{endpoint.partner}</strong>, to {endpoint.url}
        </Text>
      )}
      {others.length > 0 && (
        <Group gap="xs">
          <Text size="sm">Also dead of this order:</Text>
          {others.map(({ id, status, messageType }) => (
            <Group key={id} gap={4}>
              <Anchor component={Link} href={`/dead-letters/letters/${id}`} prefetch={false} size="sm">
                {messageType ?? "unknown message"}
              </Anchor>
              <ToneBadge {...deadLetterStatusLabels[status]} />
            </Group>
          ))}
        </Group>
      )}
    </Stack>
  );
}
