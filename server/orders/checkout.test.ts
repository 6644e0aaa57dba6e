import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { testEnvironment } from "#server/platform/test-database";
import { answerCheckout } from "./checkout.ts";

const order = {
  customerId: randomUUID(),
  lines: [{ sku: "TEA-POT", quantity: 1 }],
  paymentMethod: "cod",
  shippingAddress: { name: "Ada", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" },
};

test("while the database accepts and never answers, everybody soon hears to come back", {
  timeout: 60_000,
}, async () => {
  const held: Socket[] = [];
  const silent = createServer((socket) => held.push(socket.on("error", () => {})));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  testEnvironment({ DATABASE_URL: `postgres://postgres@127.0.0.1:${(silent.address() as AddressInfo).port}/none` });
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => {
      const headers = new Headers({
        authorization: `Bearer ${process.env.CHECKOUT_API_KEY}`,
        "content-type": "application/json",
        "idempotency-key": randomUUID(),
      });
      return answerCheckout(headers, async () => Buffer.from(JSON.stringify(order)));
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(answers.every(({ headers }) => headers["retry-after"] === "1")).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  for (const socket of held) socket.destroy();
  silent.close();
});
