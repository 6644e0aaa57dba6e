import { Anchor, Group, List, Text } from "@mantine/core";
import type { OrderDetail } from "#contracts/api/orders";
import { Withheld } from "../../_ui/personal.tsx";
import { Time } from "../../_ui/time.tsx";

type PapersProps = { detail: OrderDetail; mailUrl: string | null; mayOpen: boolean };

/** What the order has sent out: mails, documents, webhooks, each one click away. */
export function Papers({ detail, mailUrl, mayOpen }: PapersProps) {
  const { orderId } = detail.order;
  const { mails, documents, webhooks } = detail;
  if (mails.length + documents.length + webhooks.length === 0) return <Text c="dimmed">Nothing was sent yet.</Text>;
  return (
    <List listStyleType="none" spacing={6}>
      {documents.map(({ kind, number }) => {
        const name = `${kind === "invoice" ? "Invoice" : "Label"} ${number} (PDF)`;
        return (
          <List.Item key={kind}>
            {mayOpen ? (
              <Anchor href={`/api/v1/orders/${orderId}/documents/${kind}`} target="_blank" rel="noreferrer">
                {name}
              </Anchor>
            ) : (
              <Withheld>{name}</Withheld>
            )}
          </List.Item>
        );
      })}
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
