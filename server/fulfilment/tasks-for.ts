import type { MessageContract, Received } from "#contracts/message";
import { deliverWebhookCommand, renderInvoice, renderLabel, sendEmail } from "#contracts/messages/fulfilment";
import { delayQueues, exchanges } from "#contracts/topology";
import type { MailKind } from "#contracts/vocabulary";
import { type Ask, announce, ask } from "#server/messaging/worker";

/** A partner's address that wants to hear of some facts. */
export type Endpoint = { id: string; factTypes: readonly string[] };

const CONFIRMED_PRIORITY = 9;
const SHIPPED_PRIORITY = 5;

type Fact = Received<MessageContract> & {
  data: { order: { number: number; country: string; category: string; paymentMethod: "cod" | "prepaid" } } & Record<
    string,
    unknown
  >;
};

/** Everything a fact asks for on RabbitMQ: its own copy for all who listen, mails, documents, partner webhooks. Pure. */
export function tasksFor(message: Received<MessageContract>, endpoints: readonly Endpoint[]): Ask[] {
  const fact = message as Fact;
  const { order } = fact.data;
  const orderNumber = order.number;
  const mail = (kind: MailKind, more: { priority?: number; reason?: string; trackingNumber?: string } = {}) => {
    const { priority, ...data } = more;
    return ask(sendEmail, { kind, orderNumber, ...data }, { about: kind, priority });
  };

  const tasks: Record<string, () => Ask[]> = {
    "order.placed": () => [
      ask(
        sendEmail,
        { kind: "order_received", orderNumber },
        { about: "order_received", through: delayQueues.confirmation },
      ),
    ],
    "payment.captured": () => [mail("order_confirmed", { priority: CONFIRMED_PRIORITY }), invoice(fact)],
    "payment.deferred": () => [mail("order_confirmed", { priority: CONFIRMED_PRIORITY }), invoice(fact)],
    "payment.failed": () => [mail("payment_failed", { priority: CONFIRMED_PRIORITY, reason: text(fact.data.reason) })],
    "shipping.created": () => [
      mail("order_shipped", { priority: SHIPPED_PRIORITY, trackingNumber: text(fact.data.trackingNumber) }),
      ask(renderLabel, {
        orderNumber,
        carrier: text(fact.data.carrier),
        trackingNumber: text(fact.data.trackingNumber),
      }),
    ],
    "order.cancelled": () => [mail("order_cancelled", { priority: SHIPPED_PRIORITY, reason: text(fact.data.reason) })],
    "order.delivered": () => [mail("order_delivered")],
  };
  return [announcement(fact), ...(tasks[fact.type]?.() ?? []), ...webhooks(fact, endpoints)];
}

/** `order.<country>.<category>.<fact>`, lower case. */
export const routingKeyOf = ({ type, data }: Pick<Fact, "type" | "data">) =>
  `order.${data.order.country.toLowerCase()}.${data.order.category.toLowerCase()}.${type}`;

const announcement = (fact: Fact) => announce({ exchange: exchanges.orderEvents.name, routingKey: routingKeyOf(fact) });

const invoice = ({ data: { order } }: Fact) =>
  ask(
    renderInvoice,
    { orderNumber: order.number },
    { via: { exchange: exchanges.paymentMethod.name, routingKey: order.paymentMethod } },
  );

function webhooks(fact: Fact, endpoints: readonly Endpoint[]): Ask[] {
  const { order: _, ...details } = fact.data;
  const payload = { orderId: fact.orderId, orderNumber: fact.data.order.number, ...details };
  return endpoints
    .filter((endpoint) => endpoint.factTypes.includes(fact.type))
    .map((endpoint) =>
      ask(
        deliverWebhookCommand,
        { endpointId: endpoint.id, factId: fact.id, factType: fact.type, occurredAt: fact.occurredAt, payload },
        { about: endpoint.id },
      ),
    );
}

const text = (value: unknown) => String(value ?? "");
