/** How many messages of a queue may be unacknowledged at a time, and when to change that. */
export type MessageWindow = {
  /** Messages at a time, for the next subscription. */
  size(): number;
  /** A message came. @returns false when more is held than agreed: the channel has to go, with all that is on its way. */
  take(bytes: number): boolean;
  /** A message was settled. @returns true when `size` has changed. */
  settle(bytes: number): boolean;
  /** A message will not be settled before the channel goes, and holds no bytes here: its place is another's. */
  setAside(bytes: number): void;
  /** A new channel: nothing is held. */
  open(): void;
};

/** Small messages must have come for a whole window before it becomes so many times as wide. */
const GROWTH = 8;
/** For so many messages at least the largest is remembered. */
const REMEMBERED = 500;

/**
 * Without `heldBytes` the window is the prefetch. With it the window begins with one message, widens to the prefetch
 * while messages are small, and is kept to what fits half the bytes; whatever was on its way when large ones begin is
 * refused as soon as all of them are used up. One message is always taken, however large.
 */
export function messageWindow(options: { prefetch: number; heldBytes?: number }): MessageWindow {
  const { prefetch, heldBytes = Number.POSITIVE_INFINITY } = options;
  let size = heldBytes === Number.POSITIVE_INFINITY ? prefetch : 1;
  let [messages, bytes, settled] = [0, 0, 0];
  const largest = { now: 0, before: 0, seen: 0 };

  const fitting = () => {
    const each = Math.max(largest.now, largest.before, 1);
    return Math.min(Math.max(Math.floor(heldBytes / 2 / each), 1), prefetch);
  };
  const remember = (length: number) => {
    largest.now = Math.max(largest.now, length);
    largest.seen += 1;
    if (largest.seen < REMEMBERED) return;
    Object.assign(largest, { now: 0, before: largest.now, seen: 0 });
  };
  const leave = (length: number) => {
    messages -= 1;
    bytes -= length;
  };

  return {
    size: () => size,
    take(length) {
      messages += 1;
      bytes += length;
      remember(length);
      if (bytes <= heldBytes || messages === 1) return true;
      size = Math.min(size, fitting());
      return false;
    },
    settle(length) {
      leave(length);
      settled += 1;
      if (settled < size) return false;
      settled = 0;
      const wanted = Math.min(fitting(), size * GROWTH);
      // A subscription anew costs a round trip: not for every message that is a little larger than those before.
      if (wanted < size * 2 && wanted > size / 2 && wanted !== prefetch) return false;
      if (wanted === size) return false;
      size = wanted;
      return true;
    },
    setAside: leave,
    open() {
      messages = bytes = settled = 0;
    },
  };
}
