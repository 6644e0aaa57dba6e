import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { call, openNewOrder, openWorker, orderOverApi, tellWorker } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { letCustomersOrder, slowCarrier } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

const worker = "create-shipment";

/** Whatever becomes of a journey, the next one finds the worker at work. */
test.afterEach(async ({ page }) => {
  await letCustomersOrder(null);
  await slowCarrier(null);
  await call(page, "DELETE", `workers/${worker}/pause`, { reason: "The journey is over." });
});

/**
 * A group that never committed leaves Kafka together with its last member: it has read something before it is stopped. No order
 * of an earlier journey is on its way any more, or it would be counted with those that wait.
 */
async function shipOne(page: Page): Promise<void> {
  const orderId = await orderOverApi(page);
  const status = async () => (await (await page.request.get(`/api/v1/orders/${orderId}`)).json()).order.status;
  await expect.poll(status).toBe("shipped");
  const underWay = async () => {
    const { counts } = await (await page.request.get("/api/v1/overview")).json();
    return (counts.placed ?? 0) + (counts.paid ?? 0) + (counts.reserved ?? 0);
  };
  await expect.poll(underWay, { timeout: 60_000 }).toBe(0);
}

test("stop a consumer and see it, start it and see the ETA", async ({ page }) => {
  test.setTimeout(150_000);
  await shipOne(page);
  await openWorker(page, worker);
  await tellWorker(page, "Pause", worker, "The carrier asked for an hour.");
  const orderId = await openNewOrder(page);
  await expect(step(page, "Stock reserved")).toBeVisible();

  // From the first page to the order and back to the worker, by links only.
  await page.goto("/");
  const headline = page.getByRole("status").filter({ hasText: "create-shipment is paused: 1 order waits," });
  await headline.getByRole("link", { name: "Look there" }).click({ timeout: 30_000 });
  await expect(page.getByText("create-shipment is paused by")).toBeVisible();
  await expect(page.getByRole("group", { name: "Drained in" })).toContainText("not while paused");
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole("link", { name: "Orders that wait for it" }).click();
  await page.locator(`a[href="/orders/${orderId}"]`).click();
  const why = page.getByText(/create-shipment is paused by .*: The carrier asked for an hour\./);
  await expect(why).toBeVisible();
  await page.getByRole("link", { name: "Look there" }).click();

  // A backlog grows; resumed, the worker has more to do than it gets done at once.
  await letCustomersOrder(8);
  await expect(page.getByText(/\b\d{2,} reserved orders wait for shipping/)).toBeVisible({ timeout: 60_000 });
  await slowCarrier(3_000);
  await tellWorker(page, "Resume", worker, "The carrier is ready.");
  await expect(page.getByRole("group", { name: "Drained in" })).toContainText(/about \d/, { timeout: 60_000 });
  await letCustomersOrder(null);
  await slowCarrier(null);
  await expect(page.getByText("1 consumer keeps up: nothing waits.")).toBeVisible({ timeout: 60_000 });
  await page.goto(`/orders/${orderId}`);
  await expect(step(page, "Handed to the carrier")).toBeVisible();
});

test("find the stuck order", async ({ page }) => {
  test.setTimeout(180_000);
  // Somebody in a hurry skips what waits for a paused worker: an order that was paid for is forgotten.
  await shipOne(page);
  await openWorker(page, worker);
  await tellWorker(page, "Pause", worker, "The carrier asked for an hour.");
  const orderId = await openNewOrder(page);
  await expect(step(page, "Stock reserved")).toBeVisible();
  await openWorker(page, worker);
  const group = new URL(page.url()).pathname.split("/").at(-1)!;
  await expect(page.getByRole("group", { name: "Members" })).toContainText("0", { timeout: 30_000 });
  await page.getByRole("button", { name: "Move offsets" }).click();
  const dialog = page.getByRole("dialog", { name: /Move the offsets of/ });
  await dialog.getByLabel("Read from").click();
  await page.getByRole("option", { name: "The end: skip all that waits" }).click();
  await dialog.getByRole("button", { name: "Make a plan" }).click();
  await expect(dialog.getByRole("region", { name: "Plan" })).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByLabel("Reason").fill("Nothing of that is needed any more.");
  await dialog.getByLabel(`Type ${group} to move its offsets`).fill(group);
  await dialog.getByRole("button", { name: "Move the offsets" }).click();
  await dialog.getByText("Close", { exact: true }).click();
  await tellWorker(page, "Resume", worker, "The carrier is ready.");

  // Whoever comes next reads one sentence, follows it to the order, reads why, and sends it on.
  await page.goto("/");
  const headline = page.getByRole("status").filter({ hasText: "1 order misses an event, a job or the next step," });
  await expect(headline).toBeVisible({ timeout: 90_000 });
  expect(await accessibilityFaults(page)).toEqual([]);
  await headline.getByRole("link", { name: "See what is missing" }).click();
  await page.getByRole("list", { name: "Paid, not shipped" }).locator(`a[href="/orders/${orderId}"]`).click();
  const why = "not shipped, and nothing is under way: create-shipment had its turn after inventory.reserved.";
  await expect(page.getByText(why).first()).toBeVisible();
  await expect(step(page, "Handed to the carrier")).toBeHidden();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByLabel("Why it is sent again").fill("Somebody skipped it by mistake.");
  await page.getByRole("button", { name: "Send it again" }).click();
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  await page.goto("/");
  await expect(page.getByRole("group", { name: "In flight" })).toBeVisible();
  await expect(headline).toBeHidden({ timeout: 45_000 });
});

test.describe("Kafka goes away and comes back", () => {
  const kafka = () => (JSON.parse(readFileSync(process.env.E2E_KAFKA_PID_FILE!, "utf8")) as { pid: number }).pid;
  test.afterEach(() => void process.kill(kafka(), "SIGCONT"));

  test("the pages load, say since when, take orders, and catch up", async ({ page }) => {
    test.setTimeout(180_000);
    await page.goto("/consumers");
    await expect(page.getByRole("link", { name: "charge-payment", exact: true })).toBeVisible();
    process.kill(kafka(), "SIGSTOP");
    await expect(page.getByText(/Kafka has not answered since/)).toBeVisible({ timeout: 60_000 });
    // What needs Kafka is blocked and says why; what does not goes on.
    await page.getByRole("link", { name: worker, exact: true }).click();
    await expect(page.getByRole("button", { name: "Move offsets" })).toHaveAttribute("aria-disabled", "true");
    await expect(page.getByRole("button", { name: `Pause ${worker}` })).toBeEnabled();
    await page.goto("/");
    await expect(page.getByText(/Kafka has not answered/).first()).toBeVisible({ timeout: 30_000 });
    await openNewOrder(page);
    await expect(step(page, "Order placed")).toBeVisible();
    await expect(
      page.getByText(/^Kafka does not answer since .*: order\.placed stays in the outbox and leaves by itself/),
    ).toBeVisible({ timeout: 30_000 });
    process.kill(kafka(), "SIGCONT");
    await expect(step(page, "Handed to the carrier")).toBeVisible({ timeout: 90_000 });
    await page.goto("/");
    await expect(page.getByRole("group", { name: "Waiting for Kafka" })).toContainText("nothing waits");
    await expect(page.getByText(/Kafka has not answered/)).toBeHidden({ timeout: 60_000 });
    await page.goto("/consumers");
    await expect(page.getByRole("link", { name: worker, exact: true })).toBeVisible();
    await expect(page.getByText(/Kafka has not answered since/)).toBeHidden();
  });
});
