import { QueryClient } from "@tanstack/react-query";
import { expect, onTestFinished, test, vi } from "vitest";
import { applyFrame } from "./apply-frames.ts";

const cause = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-000000000000`;

/** A browser that has asked for these causes' pages; each says which of them are asked for again. */
function clientWith(...causes: { groupId: string; atMs: number }[]) {
  const client = new QueryClient();
  for (const { groupId, atMs } of causes)
    client.setQueryData(["dead-letter-group", groupId], { groupId }, { updatedAt: atMs });
  const news = (kind: "snapshot" | "delta", groupIds: (string | null)[]) =>
    applyFrame(client, {
      ...{ channel: "letter-news", kind },
      data: JSON.stringify(groupIds.map((groupId) => ({ groupId }))),
    });
  const outdated = () =>
    client
      .getQueryCache()
      .getAll()
      .filter(({ state }) => state.isInvalidated)
      .map(({ queryKey }) => queryKey[1]);
  return { news, outdated };
}

test("news of a cause make its pages outdated and no other's", () => {
  const now = Date.now();
  const { news, outdated } = clientWith({ groupId: cause("a"), atMs: now }, { groupId: cause("b"), atMs: now });
  news("delta", [cause("a")]);
  expect(outdated()).toEqual([cause("a")]);
});

test("after a gap whatever was asked for before what the first news tell is outdated too", () => {
  const now = Date.now();
  const { news, outdated } = clientWith(
    { groupId: cause("a"), atMs: now - 60_000 },
    { groupId: cause("b"), atMs: now },
  );
  news("snapshot", []);
  expect(outdated()).toEqual([cause("a")]);
});

test("a storm of news asks once a second", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const now = Date.now();
  const { news, outdated } = clientWith({ groupId: cause("a"), atMs: now }, { groupId: cause("b"), atMs: now });
  news("delta", [cause("a")]);
  await vi.advanceTimersByTimeAsync(10);
  news("delta", [cause("b")]);
  await vi.advanceTimersByTimeAsync(500);
  expect(outdated()).toEqual([cause("a")]);
  await vi.advanceTimersByTimeAsync(600);
  expect(outdated()).toEqual([cause("a"), cause("b")]);
});
