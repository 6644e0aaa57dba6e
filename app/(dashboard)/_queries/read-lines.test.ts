import { expect, test } from "vitest";
import { readLines } from "./read-lines.ts";

const bodyOf = (pieces: readonly Uint8Array[], onCancel = () => {}) => {
  const left = [...pieces];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel: onCancel,
  });
};
const all = async (body: ReadableStream<Uint8Array>) => {
  const lines: string[] = [];
  for await (const line of readLines(body)) lines.push(line);
  return lines;
};

test("lines come out whole however the network cuts them, also in the middle of a letter", async () => {
  const bytes = new TextEncoder().encode('{"a":"é"}\n\n{"b":2}\n{"c":3}');
  for (let cut = 1; cut < bytes.length; cut += 1)
    expect(await all(bodyOf([bytes.slice(0, cut), bytes.slice(cut)]))).toEqual(['{"a":"é"}', '{"b":2}', '{"c":3}']);
});

test("whoever stops reading lets go of the body", async () => {
  let isCancelled = false;
  const pieces = Array.from({ length: 50 }, () => new TextEncoder().encode("x\n"));
  for await (const _ of readLines(
    bodyOf(pieces, () => {
      isCancelled = true;
    }),
  ))
    break;
  expect(isCancelled).toBe(true);
});
