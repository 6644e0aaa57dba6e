import { Anchor, Group, List, Text } from "@mantine/core";
import type { OrderDetail } from "#contracts/api/orders";
import { Time } from "../../_ui/time.tsx";

/** What the order has sent out: mails, documents, webhooks, each one click away. */
export function Papers({ detail, mailUrl }: { detail: OrderDetail; mailUrl: string | null }) {
  const { orderId } = detail.order;
  const { mails, documents, webhooks } = detail;
  if (mails.length + documents.length + webhooks.length === 0) return <Text c="dimmed">Nothing was sent yet.</Text>;
  return (
    <List listStyleType="none" spacing={6}>
      {documents.map(({ kind, number }) => (
        <List.Item key={kind}>
          <Anchor href={`/api/v1/orders/${orderId}/documents/${kind}`} target="_blank" rel="noreferrer">
            {kind === "invoice" ? "Invoice" : "Label"} {number} (PDF)
          </Anchor>
        </List.Item>
      ))}
      {mails.map(({ kind, subject, sentAt }) => (
        <List.Item key={kind}>
          <Group gap="xs">
            {mailUrl ? (
              <Anchor href={`${mailUrl}/of/${orderId}/${kind}`} target="_blank" rel="noreferrer">
                Mail: {subject}
              </Anchor>
            ) : (
              <Text>Mail: {subject}</Text>
            )}
            <Time at={sentAt} />
          </Group>
        </List.Item>
      ))}
      {webhooks.map(({ partner, factType, httpStatus }) => (
        <List.Item key={`${partner} ${factType}`}>
          <Text size="sm">
            Webhook {factType} to {partner}: {httpStatus}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
