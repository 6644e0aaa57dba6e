import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { connect } from "amqplib";
import { call, orderOverApi } from "./support/actions.ts";
import { tell } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/*
 * C4, on the whole product: each part it needs is stopped, slow or refusing for a while, each queue of jobs gets a message that
 * dies, and the one sentence about an order that meets it says so. Read over the API, which is what the order's page shows.
 */

type Why = { sentence: string; isMoving: boolean };

const whyOf = async (page: Page, orderId: string): Promise<Why> =>
  (await (await page.request.get(`/api/v1/orders/${orderId}/story`)).json()).why;

/** The sentence about an order, until it says what is wrong. */
const expectWhy = (page: Page, orderId: string, sentence: RegExp) =>
  expect
    // Often: what is said of a provider that has not answered yet is over when its client gives up.
    .poll(async () => (await whyOf(page, orderId)).sentence, { timeout: 40_000, intervals: [100] })
    .toMatch(sentence);

/** Once all is well again the order gets there by itself, and says so. */
const expectMoving = (page: Page, orderId: string) =>
  expect
    .poll(async () => whyOf(page, orderId), { timeout: 60_000 })
    .toMatchObject({ isMoving: true, sentence: expect.stringMatching(/^On its way; the carrier is asked/) });

const ok = { mode: "ok" };

for (const { system, mode, sentence } of [
  { system: "payments", mode: "slow", sentence: /^The payment provider is asked since .* and has not answered yet\.$/ },
  {
    system: "payments",
    mode: "fail500",
    sentence: /^The payment provider did not do its part: attempt \d+ of \d+ of charge-payment/,
  },
  {
    system: "payments",
    mode: "down",
    sentence: /^The payment provider did not do its part: attempt \d+ of \d+ of charge-payment/,
  },
  { system: "shipping", mode: "slow", sentence: /^The carrier is asked since .* and has not answered yet\.$/ },
  {
    system: "shipping",
    mode: "fail500",
    sentence: /^The carrier did not do its part: attempt \d+ of \d+ of create-shipment/,
  },
  {
    system: "shipping",
    mode: "down",
    sentence: /^The carrier did not do its part: attempt \d+ of \d+ of create-shipment/,
  },
])
  test(`${system}: ${mode}`, async ({ page }) => {
    await tell(`faults/${system}`, { mode, slowMs: 8_000 });
    const orderId = await orderOverApi(page);
    try {
      await expectWhy(page, orderId, sentence);
    } finally {
      await tell(`faults/${system}`, ok);
    }
    await expectMoving(page, orderId);
  });

for (const worker of ["charge-payment", "reserve-stock", "create-shipment", "dispatch-tasks", "render-label"])
  test(`${worker} is stopped`, async ({ page }) => {
    const pause = `workers/${worker}/pause`;
    expect((await call(page, "POST", pause, { reason: "It misbehaves." })).status()).toBe(200);
    const orderId = await orderOverApi(page);
    try {
      await expectWhy(page, orderId, new RegExp(`^(On its way; .* )?${worker} is paused by .*: It misbehaves\\.$`));
    } finally {
      await call(page, "DELETE", pause, { reason: "It behaves again." });
    }
    await expectMoving(page, orderId);
  });

test("each queue of jobs has a dead letter of the order", async ({ page }) => {
  const connection = await connect(process.env.E2E_RABBITMQ_URL!);
  const channel = await connection.createConfirmChannel();
  const jobs = [
    { queue: "email", type: "email.send", worker: "send-email" },
    { queue: "invoice", type: "invoice.render", worker: "render-invoice" },
    { queue: "label", type: "label.render", worker: "render-label" },
    { queue: "webhook", type: "webhook.deliver", worker: "deliver-webhook" },
  ];
  const orders: { orderId: string; type: string; worker: string }[] = [];
  for (const { queue, type, worker } of jobs) {
    const orderId = await orderOverApi(page);
    const id = crypto.randomUUID();
    const body = { id, type, version: 1, orderId, data: { broken: true } };
    const options = { messageId: id, headers: { "event-type": type, "event-id": id } };
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(body)), options);
    orders.push({ orderId, type, worker });
  }
  await channel.waitForConfirms();
  await connection.close();
  for (const { orderId, type, worker } of orders)
    await expectWhy(page, orderId, new RegExp(`^(On its way; .* )?${type} is dead in ${worker} since`));
});

test.describe("RabbitMQ", () => {
  const { pid } = JSON.parse(readFileSync(process.env.E2E_RABBITMQ_PID_FILE!, "utf8")) as { pid: number };
  test.afterEach(() => void process.kill(pid, "SIGCONT"));

  test("is stopped", async ({ page }) => {
    test.setTimeout(120_000);
    process.kill(pid, "SIGSTOP");
    const orderId = await orderOverApi(page);
    await expectWhy(
      page,
      orderId,
      /RabbitMQ does not answer since .*: dispatch-tasks waits with its mails, documents and webhooks/,
    );
    process.kill(pid, "SIGCONT");
    await expectMoving(page, orderId);
  });
});
