"use client";

import { Alert, Button, Group, SimpleGrid, Stack, Stepper, Table, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import type { OrderDetail } from "#contracts/api/orders";
import type { OrderStatus } from "#contracts/vocabulary";
import { orderQuery } from "../../_queries/orders.ts";
import { sessionQuery } from "../../_queries/session.ts";
import { useLive } from "../../_queries/use-live.ts";
import { formatMoney } from "../../_ui/format.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { StatusBadge } from "../../_ui/status-badge.tsx";
import { Papers } from "./papers.tsx";
import { prepareNext, prepareSpeed } from "./prepare-timeline.ts";
import { Timeline } from "./timeline.tsx";

const path: readonly OrderStatus[] = ["placed", "paid", "reserved", "shipped", "delivered"];

/** One order, live: where it is, what comes next, everything that happened, everything it sent out. */
export function OrderDetailPanel({ orderId }: { orderId: string }) {
  const order = useQuery(orderQuery(orderId));
  if (order.isError)
    return (
      <Alert color="red" variant="outline" title="There is no such order">
        <Text size="sm">{order.error.message}</Text>
        <Button component={Link} href="/orders" mt="sm" size="xs" variant="default">
          All orders
        </Button>
      </Alert>
    );
  return <LiveOrder orderId={orderId} detail={order.data} state={order} />;
}

type LiveOrderProps = { orderId: string; detail: OrderDetail | undefined; state: Parameters<typeof Panel>[0]["state"] };

function LiveOrder({ orderId, detail, state }: LiveOrderProps) {
  const liveness = useLive(`/api/v1/orders/${orderId}/stream`);
  const mailUrl = useQuery(sessionQuery).data?.mailUrl ?? null;
  const answeredMs = useSearchParams().get("answered");
  const speed = detail && prepareSpeed(detail.events);

  return (
    <Stack>
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h3">
            Order {detail?.order.number}
          </Title>
          {detail && <StatusBadge status={detail.order.status} size="lg" />}
        </Group>
        <LiveNote {...liveness} />
      </Group>
      {detail && (
        <>
          <Progress status={detail.order.status} isCod={detail.order.paymentMethod === "cod"} />
          <Text fw={600}>{prepareNext(detail)}</Text>
          <Text size="sm" c="dimmed" className="numbers">
            {[answeredMs && /^\d{1,6}$/.test(answeredMs) ? `checkout answered in ${answeredMs} ms` : null, speed]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="What happened" state={state}>
          {detail && <Timeline events={detail.events} />}
        </Panel>
        <Stack>
          <Panel title="Mails and documents" state={state}>
            {detail && <Papers detail={detail} mailUrl={mailUrl} />}
          </Panel>
          <Panel title="Bought" state={state}>
            {detail && <Bought detail={detail} />}
          </Panel>
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

/** How far along the straight road; an order that left it has no such picture. */
function Progress({ status, isCod }: { status: OrderStatus; isCod: boolean }) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false);
  const at = path.indexOf(status);
  if (at < 0) return null;
  const steps = isCod ? path.filter((step) => step !== "paid") : path;
  return (
    <Stepper
      active={steps.indexOf(status) + 1}
      size="sm"
      orientation={isNarrow ? "vertical" : "horizontal"}
      aria-label="Progress"
    >
      {steps.map((step) => (
        <Stepper.Step key={step} label={step} component="div" />
      ))}
    </Stepper>
  );
}

function Bought({ detail: { order, lines, shippingAddress: to, express } }: { detail: OrderDetail }) {
  return (
    <Stack gap="xs">
      <Table verticalSpacing={4} className="numbers">
        <Table.Tbody>
          {lines.map(({ sku, name, quantity, unitPriceCents }) => (
            <Table.Tr key={sku}>
              <Table.Td>
                {quantity} × {name}
              </Table.Td>
              <Table.Td ta="right">{formatMoney(quantity * unitPriceCents, order.currency)}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td fw={650}>Total</Table.Td>
            <Table.Td ta="right" fw={650}>
              {formatMoney(order.totalCents, order.currency)}
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="sm">
        {[to.name, to.line1, to.line2, `${to.postalCode} ${to.city}`, to.country].filter(Boolean).join(", ")}
      </Text>
      <Text size="sm" c="dimmed">
        {order.paymentMethod === "cod" ? "Cash on delivery" : "Card"}
        {express ? ", express" : ""} · {order.customerName}
      </Text>
    </Stack>
  );
}
