import { afterAll, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import { testEnvironment } from "#server/platform/test-database";
import { mailContent } from "./mail-content.ts";
import { guardRecipient, messageIdOf, sendMail } from "./mail-transport.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
testEnvironment({ DATABASE_URL: "postgres://127.0.0.1/none", SMTP_URL: sandbox.smtpUrl });
afterAll(() => sandbox.close());

const caught = async (orderId: string): Promise<{ recipients: string[]; messageId: string; subject: string }[]> =>
  (await fetch(`${sandbox.url}/api/mails?orderId=${orderId}`)).json() as never;
const mail = (orderId: string, email: string, name = "Ada") => ({
  orderId,
  kind: "order_confirmed",
  recipient: { name, email },
  subject: "Order 7: your order is confirmed",
  text: "x",
  html: "<p>x</p>",
});

describe("a recipient that could be read as more than one address, or as a header", () => {
  test.each([
    "a@example.com\r\nBcc: evil@example.com",
    "a@example.com\nBcc: evil@example.com",
    "a@example.com, b@example.com",
    "a@example.com,b@example.com",
    "a@example.com;b@example.com",
    "g:a@example.com;",
    "Ada <a@example.com>",
    "<a@example.com>",
    '"a b"@example.com',
    "a@b@example.com",
    "a(comment)@example.com",
    "a@example.com\u0000",
    "a b@example.com",
    "a\\@example.com",
    "a@[127.0.0.1]",
    "@example.com",
    "a@",
    "",
    `${"a".repeat(250)}@b.de`,
  ])("%j is refused and no mail is sent", async (address) => {
    const orderId = crypto.randomUUID();
    expect(() => guardRecipient(address)).toThrow("the recipient is not one plain address");
    await expect(sendMail(mail(orderId, address))).rejects.toThrow();
    expect(await caught(orderId)).toEqual([]);
  });
});

test.each(["a@example.test", "o'hara+tag@sub.example.test", "übung@example.test"])(
  "%s gets its mail, alone",
  async (address) => {
    const orderId = crypto.randomUUID();
    await sendMail(mail(orderId, address));
    expect((await caught(orderId)).map(({ recipients }) => recipients)).toEqual([[address]]);
  },
);

test("a customer's name can't add a recipient or a header", async () => {
  const orderId = crypto.randomUUID();
  await sendMail(mail(orderId, "a@example.test", 'Eve" <evil@example.test>\r\nBcc: evil@example.test'));
  expect((await caught(orderId)).map(({ recipients }) => recipients)).toEqual([["a@example.test"]]);
});

test("a mail sent twice carries the same Message-ID", async () => {
  const orderId = crypto.randomUUID();
  await sendMail(mail(orderId, "a@example.test"));
  await sendMail(mail(orderId, "a@example.test"));
  const ids = (await caught(orderId)).map(({ messageId }) => messageId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids)).toEqual(new Set([messageIdOf({ orderId, kind: "order_confirmed" })]));
});

test("a mail that is given up while it waits for a slow server never leaves, beside its repeat", async () => {
  const tell = (body: object) =>
    fetch(`${sandbox.url}/control/faults/mail`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await tell({ mode: "slow", slowMs: 1_000 });
  // One for each connection of the pool; the next one waits for one of them.
  const first = Array.from({ length: 5 }, () => sendMail(mail(crypto.randomUUID(), "a@example.test")));
  const orderId = crypto.randomUUID();
  const giveUp = new AbortController();
  const waiting = sendMail(mail(orderId, "a@example.test"), giveUp.signal);
  giveUp.abort();
  await expect(waiting).rejects.toThrow();
  await Promise.all(first);
  await tell({ mode: "ok" });
  // Whatever waited before it has left when this one has.
  await sendMail(mail(orderId, "a@example.test"));
  expect(await caught(orderId)).toHaveLength(1);
});

test("what a customer or a shop calls things is text in a mail, never markup", () => {
  const { html } = mailContent("order_confirmed", {
    orderNumber: 7,
    customerName: "<script>alert(1)</script>",
    totalCents: 1290,
    currency: "EUR",
    lines: [{ name: '<img src=x onerror="alert(1)">', quantity: 1, unitPriceCents: 1290 }],
  });
  expect(html).not.toContain("<script>");
  expect(html).not.toContain("<img");
  expect(html).toContain("12.90 EUR");
});
