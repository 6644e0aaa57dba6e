import pg from "pg";
import { placeOrder } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

/** Takes an order's first event out of the outbox, as a careless hand in the database would. */
async function loseEvent(orderId: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  const { rowCount } = await client.query("DELETE FROM outbox WHERE key = $1 AND seq = 1", [orderId]);
  await client.end();
  expect(rowCount).toBe(1);
}

test("an event is lost: the overview says so, the list says which, and it is sent again", async ({ page }) => {
  test.setTimeout(240_000);
  const orders: string[] = [];
  for (let order = 0; order < 2; order += 1) {
    orders.push(await placeOrder(page));
    await expect(step(page, "Handed to the carrier")).toBeVisible();
  }
  for (const orderId of orders) await loseEvent(orderId);
  const listed = (list: string, orderId: string) =>
    page.getByRole("list", { name: list }).locator(`a[href="/orders/${orderId}"]`);

  await page.goto("/");
  await expect(page.getByText(/\d orders? miss(es)? an event, a job or the next step/)).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "See what is missing" }).click();
  await expect(page.getByText(/\d orders? miss(es)? something that nothing will bring by itself/)).toBeVisible();
  for (const orderId of orders) await expect(listed("Event never reached Kafka", orderId)).toBeVisible();
  for (const scheme of ["light", "dark"] as const)
    for (const width of [1440, 390]) {
      await page.evaluate((colours) => localStorage.setItem("mantine-color-scheme-value", colours), scheme);
      await page.setViewportSize({ width, height: 900 });
      await page.reload();
      await expect(page.getByRole("button", { name: "Send all again: Event never reached Kafka" })).toBeVisible();
      expect(await accessibilityFaults(page)).toEqual([]);
      if (process.env.UPDATE_SCREENSHOTS)
        await page.screenshot({ path: `docs/screenshots/missing-found-${scheme}-${width}.png` });
    }
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
  if (process.env.UPDATE_SCREENSHOTS) await page.screenshot({ path: "docs/screenshots/missing-plan-dark-1440.png" });
  await all.getByLabel("Reason").fill("The outbox was cleaned by hand.");
  await all.getByRole("button", { name: /^Send \d again$/ }).click();
  await expect(all.getByText(/^Sent again:/)).toBeVisible();
  await all.getByRole("button", { name: "Close", exact: true }).last().click();
  for (const orderId of orders) await expect(listed("Resolved lately", orderId)).toBeVisible({ timeout: 60_000 });
  for (const orderId of orders) await expect(listed("Event never reached Kafka", orderId)).toBeHidden();
});
