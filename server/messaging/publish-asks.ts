import { v5 as uuidv5 } from "uuid";
import type { MessageContract, Received } from "#contracts/message";
import { messageHeaders, type RabbitMessage } from "./broker.ts";
import { envelopeBytes } from "./kafka-message.ts";
import type { RabbitPort } from "./rabbit.ts";
import type { Ask } from "./worker.ts";

/**
 * Sends the commands that facts ask for. A command's id is derived from its fact, type and `about`: sent twice, it is
 * the same message twice, and the worker's inbox lets it take effect once.
 * @returns per ask null, or why RabbitMQ did not take it.
 */
export const publishAsks =
  (rabbit: Pick<RabbitPort, "publish">, source: string) =>
  (asks: { ask: Ask; cause: Received<MessageContract> }[]): Promise<(Error | null)[]> =>
    rabbit.publish(asks.map(({ ask, cause }) => toRabbitMessage(ask, cause, source)));

/** The message id of an ask: the same however often the fact asks. */
export const askId = ({ command, about = "" }: Pick<Ask, "command" | "about">, factId: string): string =>
  command === "fact" ? factId : uuidv5(`${command.type}/${about}`, factId);

export function toRabbitMessage(ask: Ask, cause: Received<MessageContract>, source: string): RabbitMessage {
  const { command, priority, through, via } = ask;
  if (command === "fact") return factMessage(cause, via!);
  const envelope = {
    id: askId(ask, cause.id),
    type: command.type,
    version: command.version,
    orderId: cause.orderId,
    seq: 0,
    occurredAt: cause.occurredAt,
    source,
    correlationId: cause.correlationId,
    causationId: cause.id,
    data: command.body.parse(ask.data),
  };
  return {
    exchange: via?.exchange ?? "",
    routingKey: via?.routingKey ?? through?.name ?? command.queue.name,
    messageId: envelope.id,
    value: envelopeBytes(envelope),
    headers: messageHeaders(envelope),
    priority,
  };
}

/** The fact itself, unchanged, for everybody who listens on RabbitMQ. */
const factMessage = (
  fact: Received<MessageContract>,
  via: { exchange: string; routingKey: string },
): RabbitMessage => ({
  ...via,
  messageId: fact.id,
  value: envelopeBytes(fact),
  headers: messageHeaders(fact),
});
