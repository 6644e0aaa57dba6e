"use client";

import { Group, SimpleGrid, Stack, Stepper, Table, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useEffect } from "react";
import type { OrderDetail } from "#contracts/api/orders";
import type { WhyNot } from "#contracts/api/story";
import type { OrderStatus } from "#contracts/vocabulary";
import { panelState } from "../../_queries/freshness.ts";
import { orderQuery } from "../../_queries/orders.ts";
import { sessionQuery } from "../../_queries/session.ts";
import { storyQuery } from "../../_queries/story.ts";
import { useLive } from "../../_queries/use-live.ts";
import { useHeard } from "../../_queries/use-sampled.ts";
import { formatMoney } from "../../_ui/format.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { NotShown } from "../../_ui/not-shown.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { Personal } from "../../_ui/personal.tsx";
import { StatusBadge } from "../../_ui/status-badge.tsx";
import { TextLink } from "../../_ui/text-link.tsx";
import { AsOf } from "./as-of.tsx";
import { Findings } from "./findings.tsx";
import { OrderLetters } from "./order-letters.tsx";
import { Papers } from "./papers.tsx";
import { prepareSpeed } from "./prepare-story.ts";
import { Timeline } from "./timeline.tsx";

const path: readonly OrderStatus[] = ["placed", "paid", "reserved", "shipped", "delivered"];

/** One order, live: where it is, what comes next, everything that happened, everything it sent out. */
export function OrderDetailPanel({ orderId }: { orderId: string }) {
  const order = useQuery(orderQuery(orderId));
  if (order.isLoadingError)
    return <NotShown what="order" all={{ href: "/orders", label: "All orders" }} refusal={order} />;
  return <LiveOrder orderId={orderId} detail={order.data} state={order} />;
}

type LiveOrderProps = { orderId: string; detail: OrderDetail | undefined; state: Parameters<typeof Panel>[0]["state"] };

function LiveOrder({ orderId, detail, state }: LiveOrderProps) {
  const liveness = useHeard(useLive(`order:${orderId}`));
  const story = useStory(orderId, detail);
  const session = useQuery(sessionQuery).data;
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
          {story.data && <Why why={story.data.why} />}
          <Text size="sm" c="dimmed" className="numbers">
            {[answeredMs && /^\d{1,6}$/.test(answeredMs) ? `checkout answered in ${answeredMs} ms` : null, speed]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </>
      )}
      <Findings orderId={orderId} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="What happened" state={panelState(story)}>
          {story.data && <Timeline steps={story.data.steps} />}
        </Panel>
        <Stack>
          <Panel title="Dead letters and what waits" state={state}>
            {detail && <OrderLetters orderId={orderId} letters={detail.letters} steps={story.data?.steps} />}
          </Panel>
          <Panel title="Mails and documents" state={state}>
            {detail && (
              <Papers
                detail={detail}
                mailUrl={session?.mailUrl ?? null}
                mayOpen={session?.permissions.includes("personal-data:read") ?? false}
              />
            )}
          </Panel>
          <Panel title="As it was" state={state}>
            {detail && <AsOf orderId={orderId} lastSeq={detail.order.lastSeq} />}
          </Panel>
          <Panel title="Bought" state={state}>
            {detail && <Bought detail={detail} />}
          </Panel>
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

/** The story, asked for anew as soon as the order's own stream tells something new. */
function useStory(orderId: string, detail: OrderDetail | undefined) {
  const client = useQueryClient();
  const { events = [], mails = [], documents = [], webhooks = [], waiting = [], letters = [] } = detail ?? {};
  const told = [
    events.length,
    mails.length,
    documents.length,
    webhooks.length,
    JSON.stringify([waiting, letters]),
  ].join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is told is the reason, not an input.
  useEffect(() => {
    void client.invalidateQueries({ queryKey: storyQuery(orderId).queryKey });
  }, [client, orderId, told]);
  return useQuery(storyQuery(orderId));
}

/** What an operator wants to know first. */
function Why({ why: { sentence, href, isMoving } }: { why: WhyNot }) {
  return (
    <Text fw={600} c={isMoving ? undefined : "var(--mantine-color-error)"} style={{ overflowWrap: "anywhere" }}>
      {sentence} {href && <TextLink href={href}>Look there</TextLink>}
    </Text>
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
        <Personal>
          {[to.name, to.line1, to.line2, `${to.postalCode} ${to.city}`, to.country].filter(Boolean).join(", ")}
        </Personal>
      </Text>
      <Text size="sm" c="dimmed">
        {order.paymentMethod === "cod" ? "Cash on delivery" : "Card"}
        {express ? ", express" : ""} · <Personal>{order.customerName}</Personal>
      </Text>
    </Stack>
  );
}
