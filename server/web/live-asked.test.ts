import { expect, test } from "vitest";
import { liveChannels } from "#contracts/api/live";
import { readAsked, refuseChannel } from "./live-asked.ts";

const withRole = (role: string) => ({ userId: "1", name: "Ada", email: "ada@example.com", role });

test.each(Object.entries(liveChannels))("%s is closed to a role that may nothing", (topic, { isPerKey }) => {
  const name = isPerKey ? `${topic}:01a1fc89-14a4-750e-b3a7-dfec7d678355` : topic;
  expect(refuseChannel(withRole("nobody"), name)).toMatchObject({ status: 403, code: "not_allowed" });
  expect(refuseChannel(withRole("viewer"), name)).toBeNull();
});

test.each([
  "secrets",
  "overview:1",
  "order",
  "order:",
  "order:a:b",
  "order:A B",
  "__proto__",
  "constructor",
  "order:../x",
])("there is no channel %j", (name) => {
  expect(refuseChannel(withRole("admin"), name)).toMatchObject({ status: 404, code: "channel_not_found" });
});

test("each channel is asked for once, and at least one", () => {
  expect(readAsked("/api/v1/stream?channels=map,overview,,map")).toEqual(["map", "overview"]);
  expect(() => readAsked("/api/v1/stream")).toThrow("Name what you want to see");
});
