import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { callerAddress } from "./caller-address.ts";

const from = (forwarded?: string | string[]) =>
  ({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress: "10.0.0.1" } }) as unknown as IncomingMessage;

test("without a proxy of ours the header is nobody's word", () => {
  expect(callerAddress(from("192.0.2.7"), 0)).toBe("10.0.0.1");
});

test.each([
  [1, "192.0.2.7", "192.0.2.7"],
  [1, "6.6.6.6, 192.0.2.7", "192.0.2.7"],
  [2, "6.6.6.6, 192.0.2.7, 10.0.0.9", "192.0.2.7"],
  [2, "192.0.2.7,10.0.0.9", "192.0.2.7"],
  [1, "2001:db8::1", "2001:db8::1"],
  [1, "[2001:db8::1]:443", "2001:db8::1"],
  [1, "192.0.2.7:51000", "192.0.2.7"],
])("with %i proxies, %j was sent by %s", (hops, forwarded, address) => {
  expect(callerAddress(from(forwarded), hops)).toBe(address);
});

test.each([
  [1, undefined],
  [1, ""],
  [1, "unknown"],
  [1, "192.0.2.7, "],
  [2, "192.0.2.7"],
  [1, "1.2.3.4; DROP"],
])("with %i proxies, %j is no address: it counts for whoever connected", (hops, forwarded) => {
  expect(callerAddress(from(forwarded), hops)).toBe("10.0.0.1");
});

test("a header that stands there twice is read as one", () => {
  expect(callerAddress(from(["6.6.6.6", "192.0.2.7"]), 1)).toBe("192.0.2.7");
});
