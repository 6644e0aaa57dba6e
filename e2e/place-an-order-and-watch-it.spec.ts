import { placeOrder } from "./support/actions.ts";
import { chargesOf, step } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

test("an operator places an order in two clicks and watches it ship without a reload", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Place order" }).click();
  await page.getByRole("button", { name: "Place order" }).click();
  for (const title of ["Order placed", "Payment captured", "Stock reserved", "Handed to the carrier"])
    await expect(step(page, title)).toBeVisible();
  await expect(page.getByText("Live · updated")).toBeVisible();
  await expect(page.getByText("placed → shipped in")).toBeVisible();
});

test("its confirmation mail and its invoice are one click away", async ({ page, context }) => {
  const orderId = await placeOrder(page);
  const [mail] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("link", { name: /is confirmed/ }).click(),
  ]);
  await expect(mail.getByRole("heading", { name: /your order is confirmed/ })).toBeVisible();
  await expect(page.getByRole("link", { name: /^Invoice \d+ \(PDF\)$/ })).toBeVisible();
  const invoice = await page.request.get(`/api/v1/orders/${orderId}/documents/invoice`);
  expect(invoice.headers()["content-type"]).toBe("application/pdf");
  expect((await invoice.body()).subarray(0, 5).toString()).toBe("%PDF-");
});

test("a declined card ends in payment failed and says why; nothing is charged", async ({ page }) => {
  const orderId = await placeOrder(page, "Declined card");
  await expect(step(page, "Payment failed")).toBeVisible();
  await expect(page.getByText("the payment was declined (generic_decline)")).toBeVisible();
  expect(await chargesOf(orderId)).toEqual([]);
});

test("an order that nobody can deliver is undone: stock released, money refunded, order cancelled", async ({
  page,
}) => {
  const orderId = await placeOrder(page, "Impossible address");
  for (const title of ["Refused by the carrier", "Stock released", "Payment refunded", "Order cancelled"])
    await expect(step(page, title)).toBeVisible();
  await expect(page.getByText("The money went back.")).toBeVisible();
  const [charge] = await chargesOf(orderId);
  expect(charge?.refundedCents).toBe(charge?.capturedCents);
});

test("an order for sold-out goods is refunded and cancelled", async ({ page }) => {
  await placeOrder(page, "Sold out");
  for (const title of ["Payment captured", "Stock could not be reserved", "Payment refunded", "Order cancelled"])
    await expect(step(page, title)).toBeVisible();
});

test("cash on delivery ships without a capture", async ({ page }) => {
  const orderId = await placeOrder(page, "Cash on delivery");
  await expect(step(page, "Payment deferred to the delivery")).toBeVisible();
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  expect(await chargesOf(orderId)).toEqual([]);
});

test("the newest order appears on the overview by itself", async ({ page, context }) => {
  await page.goto("/");
  const other = await context.newPage();
  const orderId = await placeOrder(other);
  await expect(page.locator(`a[href="/orders/${orderId}"]`)).toBeVisible();
});

test("an order is found by its number from anywhere", async ({ page }) => {
  const orderId = await placeOrder(page);
  const heading = page.getByRole("heading", { level: 1, name: /Order \d+/ });
  const number = (await heading.textContent())!.replace(/\D/g, "");
  await page.goto("/");
  await page
    .getByRole("button", { name: /Find an order/ })
    .first()
    .click();
  await page.getByPlaceholder("Order number, order id, customer, or a page").fill(number);
  await page.getByText(`Find “${number}” in the orders`).click();
  await expect(page.locator(`a[href="/orders/${orderId}"]`)).toBeVisible();
});
