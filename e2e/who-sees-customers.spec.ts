import { readFileSync } from "node:fs";
import { type Page, request } from "@playwright/test";
import { useColours } from "./support/actions.ts";
import { accessibilityFaults } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

/*
 * What the built product says of customers to each role: over HTTP, in pages, on the live stream and on the screen.
 * ops/personal-data.live.test.ts asks every route.
 */

const baseURL = process.env.E2E_BASE_URL!;
const shippingAddress = {
  name: "Zephyrine Quillfeather",
  line1: "17 Nightingale Passage",
  postalCode: "98765",
  city: "Zwickau",
  country: "DE",
};
const secrets = /Quillfeather|Nightingale|\b98765\b|Zwickau|@customers\.example\.test/;

let orderId: string;
let customer: string;

test.beforeAll(async () => {
  const admin = await as("admin");
  const { customers, products } = await (await admin.get("/api/v1/catalogue")).json();
  customer = customers[0].name;
  const placed = await admin.post("/api/v1/orders", {
    headers: { origin: baseURL, "idempotency-key": crypto.randomUUID() },
    data: {
      customerId: customers[0].id,
      lines: [{ sku: products[0].sku, quantity: 1 }],
      ...{ paymentMethod: "prepaid", card: "ok", shippingAddress },
    },
  });
  ({ orderId } = await placed.json());
  const papers = async () => {
    const { mails, documents } = await (await admin.get(`/api/v1/orders/${orderId}`)).json();
    return [mails.length > 0, documents.length];
  };
  await expect.poll(papers, { timeout: 60_000, message: "a mail, the invoice and the label" }).toEqual([true, 2]);
});

const as = (role: string) => request.newContext({ baseURL, storageState: `test-results/${role}.json` });

const read = (): string[] => [
  "/api/v1/orders",
  "/api/v1/overview",
  `/api/v1/orders/${orderId}`,
  `/api/v1/orders/${orderId}/story`,
  `/api/v1/orders/${orderId}/as-of`,
  "/api/v1/topics/e2e.order.events/records?limit=500",
  "/api/v1/dead-letters?status=all",
  "/api/v1/dead-letters/export?status=all",
  "/api/v1/dead-letter-groups?status=all",
  "/",
  "/orders",
  `/orders/${orderId}`,
];

/** What a stream says until each of these channels has told its whole. */
async function firstFrames(role: string, channels: string[]): Promise<string> {
  const { cookies } = JSON.parse(readFileSync(`test-results/${role}.json`, "utf8")) as {
    cookies: { name: string; value: string }[];
  };
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const answer = await fetch(`${baseURL}/api/v1/stream?channels=${channels.join()}`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const isThere = (channel: string) => new RegExp(`id: \\w+\\.${channel}\\.\\d+\\n[^\\n]*\\n\\n`).test(text);
  while (!channels.every(isThere)) text += (await reader.read()).value;
  await reader.cancel();
  return text;
}

test("a viewer's network answers hold nobody's name, address or e-mail; an operator's do", async () => {
  const viewer = await as("viewer");
  for (const path of read()) {
    const answer = await viewer.get(path);
    expect(answer.status(), path).toBe(200);
    const text = await answer.text();
    expect(text, path).not.toMatch(secrets);
    expect(text.includes(customer), path).toBe(false);
  }
  for (const kind of ["invoice", "label"])
    expect((await viewer.get(`/api/v1/orders/${orderId}/documents/${kind}`)).status()).toBe(403);
  expect((await (await viewer.get("/api/v1/session")).json()).mailUrl).toBeNull();
  expect((await viewer.get(`/api/v1/orders?search=${encodeURIComponent(customer)}`)).status()).toBe(403);

  for (const role of ["operator", "lead", "admin"]) {
    const context = await as(role);
    const text = async (path: string) => (await context.get(path)).text();
    expect(await text("/api/v1/orders")).toContain(customer);
    expect(await text(`/api/v1/orders/${orderId}`)).toContain("Nightingale");
    expect(await text(`/api/v1/orders/${orderId}/as-of`)).toContain("Nightingale");
    expect(await text("/api/v1/topics/e2e.order.events/records?limit=500")).toContain("Nightingale");
    expect((await context.get(`/api/v1/orders/${orderId}/documents/invoice`)).status()).toBe(200);
    expect((await context.get(`/api/v1/orders?search=${encodeURIComponent(customer)}`)).status()).toBe(200);
  }
});

test("so does the live stream", async () => {
  const channels = ["overview", "orders", "queues", `order:${orderId}`];
  const viewer = await firstFrames("viewer", channels);
  expect(viewer).toContain(orderId);
  expect(viewer).not.toMatch(secrets);
  expect(viewer.includes(customer)).toBe(false);
  const operator = await firstFrames("operator", channels);
  expect(operator).toContain("Nightingale");
  expect(operator).toContain(customer);
});

test.describe("on the screen", () => {
  test.use({ storageState: "test-results/viewer.json", allowedErrors: [/403/] });

  for (const [scheme, width] of [
    ["light", 1440],
    ["dark", 390],
  ] as const)
    test(`a viewer sees what is masked as masked, and why (${scheme}, ${width} px)`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await useColours(page, scheme);
      await page.goto(`/orders/${orderId}`);
      const masked = page.getByTitle("Personal data: your role sees it masked.");
      await expect(masked.filter({ hasText: "***, ***, *** ***, DE" })).toBeVisible();
      await expect(masked.filter({ hasText: /^Invoice \d+ \(PDF\)$/ })).toBeVisible();
      await expect(page.getByRole("link", { name: /Invoice/ })).toHaveCount(0);
      await expect(page.locator("body")).not.toContainText(secrets);
      expect(await accessibilityFaults(page)).toEqual([]);
      await keepScreenshot(page, `viewer-order-${scheme}`);

      await page.goto("/orders");
      await expect(page.getByRole("textbox", { name: "Find" })).toBeVisible();
      await expect(masked.first()).toHaveText(/^.\*\*\*$/);
      expect(await accessibilityFaults(page)).toEqual([]);
      await keepScreenshot(page, `viewer-orders-${scheme}`);

      // A link of somebody who may: the refusal is told in words.
      await page.goto(`/orders?search=${encodeURIComponent(customer)}`);
      await expect(page.getByText("may search by ids and numbers only")).toBeVisible();
    });
});

/** With UPDATE_SCREENSHOTS=1 the pictures are made anew. */
async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS) await page.screenshot({ path: `test-results/${name}.png`, fullPage: true });
}
