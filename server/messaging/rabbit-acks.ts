import type { Channel, ConsumeMessage, Message } from "amqplib";

export type Acknowledger = {
  /** Acknowledges with this turn of the event loop; a closed channel is ignored, its messages come again. */
  ack(message: ConsumeMessage): void;
  /** Gives the message back to its queue. */
  giveBack(message: ConsumeMessage): void;
  /** Sends what waits at once. */
  flush(): void;
  /** False when nothing can be acknowledged any more. */
  isOpen(): boolean;
  /** The channel will be closed: from here on it takes no acknowledgement. */
  close(): void;
};

/**
 * Gathers the acknowledgements of one turn of the event loop: a run of messages without a gap, counted from the
 * oldest held, is one frame.
 */
export function acknowledger(channel: Channel): Acknowledger {
  let open = true;
  const close = () => {
    open = false;
  };
  channel.on("close", close);

  /** Tags 1..floor are settled; of those above, the ones in `settled`. Tags of a channel count up without gaps. */
  let floor = 0;
  const settled = new Set<number>();
  let fresh: number[] = [];

  const flush = () => {
    const tags = fresh.sort((a, b) => a - b);
    fresh = [];
    if (!open || tags.length === 0) return;
    let run = 0;
    for (;;) {
      if (tags[run] === floor + 1) run += 1;
      else if (!settled.delete(floor + 1)) break;
      floor += 1;
    }
    if (run > 0) channel.ack(tagged(tags[run - 1]!), true);
    for (const tag of tags.slice(run)) {
      settled.add(tag);
      channel.ack(tagged(tag));
    }
  };

  return {
    ack({ fields }) {
      if (fresh.push(fields.deliveryTag) === 1) setImmediate(flush);
    },
    giveBack(message) {
      if (!open) return;
      flush();
      settled.add(message.fields.deliveryTag);
      channel.nack(message, false, true);
    },
    flush,
    isOpen: () => open,
    close,
  };
}

/** All that the library reads of a message it acknowledges. */
const tagged = (deliveryTag: number) => ({ fields: { deliveryTag } }) as Message;
