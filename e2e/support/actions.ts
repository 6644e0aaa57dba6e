import { expect, type Page } from "@playwright/test";

/** Places an order as an operator does: open the page, choose what should happen, press the button. Ends on its page. */
export async function placeOrder(page: Page, preset = "Card, all fine"): Promise<string> {
  await page.goto("/place-order");
  await page.getByRole("radio", { name: preset }).check();
  await page.getByRole("button", { name: "Place order" }).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split("/").at(-1)!;
}

/** Places an order over the API and opens its page: for journeys that begin there. @returns its id. */
export async function openNewOrder(page: Page): Promise<string> {
  const orderId = await orderOverApi(page);
  await page.goto(`/orders/${orderId}`);
  return orderId;
}

/** The colours an operator uses at night, or by day. */
export async function useColours(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.addInitScript((value) => localStorage.setItem("mantine-color-scheme-value", value), scheme);
}

/** Places an order over the API. @returns its id. */
export async function orderOverApi(page: Page, card: "ok" | "declined" = "ok"): Promise<string> {
  const { customers, products } = await (await page.request.get("/api/v1/catalogue")).json();
  const [customer] = customers;
  const address = { line1: "Harbour 1", postalCode: "10115", city: "Berlin", country: "DE" };
  const answer = await call(page, "POST", "orders", {
    customerId: customer.id,
    lines: [{ sku: products[0].sku, quantity: 1 }],
    paymentMethod: "prepaid",
    card,
    shippingAddress: { ...address, name: customer.name },
  });
  expect(answer.status()).toBe(201);
  return (await answer.json()).orderId;
}

/** With UPDATE_SCREENSHOTS=1 the documents' pictures are made anew. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS) await page.screenshot({ path: `docs/screenshots/${name}.png` });
}

/**
 * A run that is started from this page is held for a minute instead of the 10 s it asked for, so that a slow machine has the time
 * to see it held.
 */
export const holdLonger = (page: Page): Promise<unknown> =>
  page.route("**/api/v1/replay-runs", (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const asked = route.request().postDataJSON();
    expect(asked.holdMs).toBe(10_000);
    return route.continue({ postData: { ...asked, holdMs: 60_000 } });
  });

/** Opens a worker's own page from the list of consumers. */
export async function openWorker(page: Page, worker: string): Promise<void> {
  await page.goto("/consumers");
  await page.getByRole("link", { name: worker, exact: true }).click();
  await page.waitForURL(/\/consumers\/[^/]+$/);
}

/** Pauses a worker, or resumes it, on the page that shows it. */
export async function tellWorker(page: Page, act: "Pause" | "Resume", worker: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: `${act} ${worker}` }).click();
  const dialog = page.getByRole("dialog", { name: `${act} ${worker}` });
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: act }).click();
  const banner = page.getByText(`${worker} is paused by`);
  await banner.waitFor({ state: act === "Pause" ? "visible" : "hidden" });
}

/** Does something over the API, as the page that is open would: for what a journey needs and is not about. */
export async function call(page: Page, method: "POST" | "PATCH" | "DELETE", path: string, data?: object) {
  return page.request.fetch(`/api/v1/${path}`, {
    method,
    headers: {
      origin: process.env.E2E_BASE_URL!,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    data: data ?? {},
  });
}
