import type { Known } from "#contracts/api/operations";
import { formatClock } from "../../_ui/clock.ts";
import type { Clock } from "../../_ui/preferences.ts";

type Broker = "kafka" | "rabbitmq";
export type Gap = { broker: Broker; title: string; detail: string };

const names: Record<Broker, string> = { kafka: "Kafka", rabbitmq: "RabbitMQ" };

/** What can't be known at the moment, since when and why; the figures on the screen are those of then. Pure. */
export function prepareGaps(known: Known, brokers: readonly Broker[], clock: Clock, today: string | null): Gap[] {
  return brokers
    .filter((broker) => !known[broker].isUp)
    .map((broker) => {
      const { since, reason } = known[broker];
      const silence = since === null ? "does not answer" : `has not answered since ${formatClock(since, clock, today)}`;
      const shown = since === null ? "Nothing was seen of it yet." : "What is shown of it is what was last seen.";
      return {
        broker,
        title: `${names[broker]} ${silence}`,
        detail: [reason && sentence(reason), shown].filter(Boolean).join(" "),
      };
    });
}

/** Which figures of queues are missing without the management API; null = none. Pure. */
export function prepareQueueSource({ queueSource, rabbitmq }: Known): string | null {
  if (!rabbitmq.isUp || queueSource === "management") return null;
  if (queueSource === "none") return "No figure of a queue is known.";
  return "Rates and unacknowledged messages are unknown without the management API: the queues are asked over AMQP alone.";
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
