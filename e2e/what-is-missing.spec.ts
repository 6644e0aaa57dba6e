import pg from "pg";
import { keepScreenshot, openNewOrder } from "./support/actions.ts";
import { judge } from "./support/judge.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

/** Takes the orders' first events out of the outbox, as a careless hand in the database would: all at once. */
async function loseEvents(orderIds: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  const { rowCount } = await client.query("DELETE FROM outbox WHERE key = ANY($1) AND seq = 1", [orderIds]);
  await client.end();
  expect(rowCount).toBe(orderIds.length);
}

test("an event is lost: the overview says so, the list says which, and it is sent again", async ({ page }) => {
  test.setTimeout(240_000);
  const orders: string[] = [];
  for (let order = 0; order < 2; order += 1) {
    orders.push(await openNewOrder(page));
    await expect(step(page, "Handed to the carrier")).toBeVisible();
  }
  await loseEvents(orders);
  const listed = (list: string, orderId: string) =>
    page.getByRole("list", { name: list }).locator(`a[href="/orders/${orderId}"]`);

  await page.goto("/");
  await expect(page.getByText(/\d orders? miss(es)? an event, a job or the next step/)).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "See what is missing" }).click();
  await expect(page.getByText(/\d orders? miss(es)? something that nothing will bring by itself/)).toBeVisible();
  for (const orderId of orders) await expect(listed("Event never reached Kafka", orderId)).toBeVisible();
  await expect(page.getByRole("button", { name: "Send all again: Event never reached Kafka" })).toBeVisible();
  await judge(page, "missing-found");
  await page.setViewportSize({ width: 1440, height: 900 });

  const first = page.getByRole("listitem").filter({ has: page.locator(`a[href="/orders/${orders[0]}"]`) });
  await first.getByRole("button", { name: /^Send again: Order/ }).click();
  const one = page.getByRole("dialog", { name: /send again/ });
  await one.getByLabel("Reason").fill("The outbox was cleaned by hand.");
  await one.getByRole("button", { name: "Send again" }).click();
  const told = page.getByRole("alert").filter({ hasText: "order.placed (event 1) leaves for Kafka" });
  await expect(told).toBeVisible();
  await told.getByRole("button", { name: "Close" }).click();
  await expect(told).toBeHidden();

  await page.getByRole("button", { name: "Send all again: Event never reached Kafka" }).click();
  const all = page.getByRole("dialog", { name: "Event never reached Kafka: send all again" });
  await expect(all.getByText(/order\.placed \(event 1\) leaves for Kafka/)).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await keepScreenshot(page, "missing-plan-dark-1440");
  await all.getByLabel("Reason").fill("The outbox was cleaned by hand.");
  await all.getByRole("button", { name: /^Send \d again$/ }).click();
  await expect(all.getByText(/^Sent again:/)).toBeVisible();
  await all.getByRole("button", { name: "Close", exact: true }).last().click();
  for (const orderId of orders) await expect(listed("Resolved lately", orderId)).toBeVisible({ timeout: 60_000 });
  for (const orderId of orders) await expect(listed("Event never reached Kafka", orderId)).toBeHidden();
});
