import { expect, test } from "vitest";
import { messageWindow } from "./rabbit-window.ts";

const MB = 1_048_576;
/** Takes and settles messages one after the other; the sizes that the window had. */
const sizesWhile = (window: ReturnType<typeof messageWindow>, count: number, bytes: number) => {
  const sizes = [window.size()];
  for (let at = 0; at < count; at += 1) {
    expect(window.take(bytes)).toBe(true);
    if (window.settle(bytes)) sizes.push(window.size());
  }
  return sizes;
};

test("without a limit of bytes the window is the prefetch, whatever comes", () => {
  const window = messageWindow({ prefetch: 5 });
  for (let at = 0; at < 5; at += 1) expect(window.take(64 * MB)).toBe(true);
  expect(sizesWhile(window, 100, 1)).toEqual([5]);
});

test("it begins with one message and widens while they are small", () => {
  expect(sizesWhile(messageWindow({ prefetch: 500, heldBytes: 32 * MB }), 1_000, 1_000)).toEqual([1, 8, 64, 500]);
});

test("it is never wider than what half the bytes have room for", () => {
  expect(sizesWhile(messageWindow({ prefetch: 500, heldBytes: 32 * MB }), 1_000, MB)).toEqual([1, 8, 16]);
  expect(sizesWhile(messageWindow({ prefetch: 500, heldBytes: 32 * MB }), 1_000, 64 * MB)).toEqual([1]);
});

test("large messages that come into a wide window end it when the bytes are used up, and the next is narrow", () => {
  const window = messageWindow({ prefetch: 500, heldBytes: 32 * MB });
  sizesWhile(window, 1_000, 1_000);
  expect([window.take(16 * MB), window.take(16 * MB), window.take(16 * MB)]).toEqual([true, true, false]);
  window.open();
  expect(window.size()).toBe(1);
  expect(sizesWhile(window, 40, 16 * MB)).toEqual([1]);
  // It widens again when the last of them is a thousand messages ago.
  expect(sizesWhile(window, 499, 1_000)).toEqual([1]);
  expect(sizesWhile(window, 2_000, 1_000)).toEqual([1, 8, 64, 500]);
});

test("a message larger than the limit is taken when it is alone, and no other beside it", () => {
  const window = messageWindow({ prefetch: 500, heldBytes: 32 * MB });
  expect(window.take(64 * MB)).toBe(true);
  expect(window.take(1)).toBe(false);
});

test("what was set aside holds no bytes", () => {
  const window = messageWindow({ prefetch: 500, heldBytes: 32 * MB });
  window.take(64 * MB);
  window.setAside(64 * MB);
  expect(window.take(64 * MB)).toBe(true);
});
