import { createTransport } from "nodemailer";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./start-sandbox.ts";

let sandbox: Sandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0, deliveryMs: 50 });
  const { hostname, port } = new URL(sandbox.url);
  stripe = new Stripe("sk_test_x", {
    host: hostname,
    port: Number(port),
    protocol: "http",
    maxNetworkRetries: 0,
  });
});
afterAll(() => sandbox.close());
beforeEach(() => fetch(`${sandbox.url}/control/reset`, { method: "POST" }));

const json = async (path: string, init?: RequestInit) => (await fetch(`${sandbox.url}${path}`, init)).json();
const tell = (system: string, fault: object) =>
  fetch(`${sandbox.url}/control/faults/${system}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
  });
const pay = (orderId: string, key: string, more: object = {}, timeout = 10_000) =>
  stripe.paymentIntents.create(
    {
      amount: 1290,
      currency: "eur",
      confirm: true,
      payment_method: "pm_card_visa",
      metadata: { order_id: orderId },
      ...more,
    },
    { idempotencyKey: key, timeout },
  );
const capturesOf = async (orderId: string) =>
  (await json("/api/ledger/payments")).filter(
    (line: { orderId: string; capturedCents: number }) => line.orderId === orderId && line.capturedCents > 0,
  );

describe("payments", () => {
  test("the same idempotency key captures once and answers the same", async () => {
    const first = await pay("order-1", "key-1");
    const second = await pay("order-1", "key-1");
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(await capturesOf("order-1")).toHaveLength(1);
  });

  test("the same key with other parameters is refused", async () => {
    await pay("order-2", "key-2");
    await expect(pay("order-2", "key-2", { amount: 1 })).rejects.toMatchObject({ type: "StripeIdempotencyError" });
  });

  test("a declined card is told as Stripe tells it", async () => {
    await expect(pay("order-3", "key-3", { payment_method: "pm_card_chargeDeclined" })).rejects.toMatchObject({
      type: "StripeCardError",
      code: "card_declined",
      decline_code: "generic_decline",
    });
    expect(await capturesOf("order-3")).toEqual([]);
  });

  test.each(["fail_after_effect", "timeout_after_effect"])(
    "%s: a repeat with the same key finds the one capture",
    async (mode) => {
      await tell("payments", { mode });
      await expect(pay(`order-${mode}`, `key-${mode}`, {}, 1_000)).rejects.toThrow();
      await tell("payments", { mode: "ok" });
      await pay(`order-${mode}`, `key-${mode}`);
      expect(await capturesOf(`order-${mode}`)).toHaveLength(1);
    },
  );

  test("an order's payment is found by its order id", async () => {
    const intent = await pay("order-5", "key-5");
    const found = await stripe.paymentIntents.search({ query: "metadata['order_id']:'order-5'" });
    expect(found.data.map(({ id }) => id)).toEqual([intent.id]);
  });

  test("no more goes back than was captured", async () => {
    const { id } = await pay("order-6", "key-6");
    await stripe.refunds.create({ payment_intent: id, amount: 1290 }, { idempotencyKey: "refund-6" });
    await stripe.refunds.create({ payment_intent: id, amount: 1290 }, { idempotencyKey: "refund-6" });
    await expect(stripe.refunds.create({ payment_intent: id, amount: 1 })).rejects.toThrow(/captured/);
    expect(await capturesOf("order-6")).toMatchObject([{ refundedCents: 1290, refunds: 1 }]);
  });

  test("down is a cut connection, garbage is no answer the SDK accepts", async () => {
    await tell("payments", { mode: "down" });
    await expect(pay("order-7", "key-7")).rejects.toMatchObject({ type: "StripeConnectionError" });
    await tell("payments", { mode: "garbage" });
    await expect(pay("order-7", "key-7")).rejects.toThrow();
  });
});

describe("the carrier", () => {
  const parcel = (orderId: string, key: string, address: object = {}) =>
    fetch(`${sandbox.url}/shipping/shipments`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({
        orderId,
        express: false,
        address: { name: "A", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE", ...address },
      }),
    });

  test("takes a parcel once per idempotency key and hands it over", async () => {
    const orderId = crypto.randomUUID();
    const first = await (await parcel(orderId, "s-1")).json();
    const again = await (await parcel(orderId, "s-1")).json();
    expect(again.id).toBe(first.id);
    await expect.poll(async () => (await json(`/shipping/shipments/${first.id}`)).status).toBe("delivered");
  });

  test.each([{ postalCode: "ABC" }, { line1: "UNDELIVERABLE 1" }, { city: "" }])(
    "refuses %o for good",
    async (address) => {
      const answer = await parcel(crypto.randomUUID(), crypto.randomUUID(), address);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ code: "address_not_accepted" });
    },
  );
});

describe("mail", () => {
  test("is caught, listed with its order and shown without its scripts running", async () => {
    const transport = createTransport(sandbox.smtpUrl);
    await transport.sendMail({
      from: "shop@example.test",
      to: { name: "A", address: "a@example.test" },
      subject: "<b>Hello</b>",
      html: "<script>alert(1)</script>hi",
      headers: { "X-Order-Id": "order-9", "X-Mail-Kind": "order_confirmed" },
    });
    const [mail] = await json("/api/mails?orderId=order-9");
    expect(mail).toMatchObject({ kind: "order_confirmed", recipients: ["a@example.test"] });
    const page = await fetch(`${sandbox.url}/mail`);
    expect(await page.text()).not.toContain("<b>Hello</b>");
    const html = await fetch(`${sandbox.url}/mail/${mail.id}/html`);
    expect(html.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(html.headers.get("content-security-policy")).toContain("sandbox");
  });
});

describe("partners", () => {
  test("take what is signed with their secret and nothing else", async () => {
    const secret = `whsec_${Buffer.from("a secret of twenty-four!").toString("base64")}`;
    await fetch(`${sandbox.url}/control/partners/acme`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
    });
    const body = JSON.stringify({ type: "payment.captured", data: { orderId: "order-10" } });
    const now = new Date();
    const deliver = (signature: string) =>
      fetch(`${sandbox.url}/partners/acme/webhooks`, {
        method: "POST",
        body,
        headers: {
          "webhook-id": "m1",
          "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
          "webhook-signature": signature,
        },
      });
    expect((await deliver("v1,AAAA")).status).toBe(401);
    expect((await deliver(new Webhook(secret).sign("m1", now, body))).status).toBe(204);
    expect(await json("/api/partners/acme/deliveries")).toMatchObject([
      { id: "m1", orderId: "order-10", attempts: 1, verified: true },
    ]);
  });
});
