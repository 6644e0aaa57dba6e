import { call, openNewOrder, openWorker, tellWorker } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { mailsTo, sandboxUrl, tell } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

test.afterEach(() => tell("generator", { flashSale: null }));

test("a flash sale shows how far it is and can be stopped", async ({ page }) => {
  await page.goto("/place-order");
  await page.getByLabel("Orders a minute").fill("600");
  await page.getByLabel("Minutes").fill("2");
  await page.getByRole("button", { name: "Start the flash sale" }).click();
  await expect(page.getByText(/^[1-9]\d* of 1,200 orders placed, at 600 a minute\.$/)).toBeVisible();
  await page.getByRole("button", { name: "Stop the flash sale" }).click();
  await expect(page.getByText(/of 1,200 orders placed, stopped\./)).toBeVisible();
});

test.describe("an alert", () => {
  const worker = "create-shipment";
  const night = "night@shop.test";
  /** The mail that tells it, or that it is over. */
  const mailOf = async (kind: "Alert" | "Resolved") => {
    const mails = (await mailsTo(night)).filter(({ subject }) => subject.startsWith(`[${kind}] `));
    const texts = mails.map(async ({ id }) => (await fetch(`${sandboxUrl}/mail/${id}/html`)).text());
    return (await Promise.all(texts)).find((text) => text.includes(`${worker} is `)) ?? "";
  };

  test.afterEach(async ({ page }) => {
    await call(page, "DELETE", `workers/${worker}/pause`, { reason: "The journey is over." });
    const rules = await call(page, "PATCH", "alert-rules/time-lag", { threshold: 5, forMs: 30_000 });
    const { channels } = (await rules.json()) as { channels: { id: string; address: string }[] };
    const ours = channels.find(({ address }) => address === night);
    if (ours) await call(page, "DELETE", `alert-channels/${ours.id}`);
  });

  test("comes by itself, is mailed with a link to the very view, is taken on, and ends by itself", async ({
    page,
    context,
  }) => {
    test.setTimeout(180_000);
    await openNewOrder(page);
    await expect(step(page, "Handed to the carrier")).toBeVisible();
    await page.goto("/alerts");
    await page.getByLabel("Mail address or URL").fill(night);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.getByRole("button", { name: `Test ${night}` })).toBeVisible();
    await page.getByRole("button", { name: "Change Events wait too long" }).click();
    const rule = page.getByRole("dialog", { name: "Events wait too long" });
    await rule.getByLabel("More than (min)").fill("0");
    await rule.getByLabel("For so long (s)").fill("10");
    await rule.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText(/oldest unread event is older than 0 min .* for 10 s\.$/)).toBeVisible();

    await openWorker(page, worker);
    await tellWorker(page, "Pause", worker, "The carrier asked for an hour.");
    const orderId = await openNewOrder(page);
    await expect(step(page, "Stock reserved")).toBeVisible();
    await page.goto("/alerts");
    const open = page.getByRole("list", { name: "Open alerts" }).getByRole("listitem");
    const alert = open.filter({ hasText: /create-shipment is .* behind, \d+ events? unread.*, paused by/ });
    await expect(alert).toContainText("Firing", { timeout: 45_000 });
    await expect(page.getByRole("link", { name: /^Alerts/ })).toContainText(/[1-9]/);
    expect(await accessibilityFaults(page)).toEqual([]);

    await expect.poll(() => mailOf("Alert"), { timeout: 75_000 }).toContain("behind");
    const [link] = /http\S+\/consumers\/\S+create-shipment/.exec(await mailOf("Alert")) ?? [];
    const fromMail = await context.newPage();
    await fromMail.goto(link!);
    await expect(fromMail.getByText("create-shipment is paused by")).toBeVisible();
    await fromMail.close();

    await page.goto("/alerts");
    await alert.getByRole("button", { name: /^Acknowledge/ }).click();
    await expect(alert).toContainText("is on it");
    await alert.getByRole("link").click();
    await tellWorker(page, "Resume", worker, "The carrier is ready.");
    await page.goto("/alerts");
    const over = page.getByRole("list", { name: "Alerts that are over" }).getByRole("listitem");
    await expect(over.filter({ hasText: "create-shipment is" })).toBeVisible({ timeout: 90_000 });
    await expect(alert).toBeHidden();
    await expect.poll(() => mailOf("Resolved"), { timeout: 75_000 }).toContain("behind");
    await page.goto(`/orders/${orderId}`);
    await expect(step(page, "Handed to the carrier")).toBeVisible();
  });
});

test.describe("somebody who only looks", () => {
  test.use({ storageState: "test-results/viewer.json" });
  test("sees the alerts and is told why nothing can be changed", async ({ page }) => {
    await page.goto("/alerts");
    const change = page.getByRole("button", { name: "Change Many dead letters" });
    await expect(change).toHaveAttribute("aria-disabled", "true");
    await change.focus();
    await expect(page.getByText("Your role, viewer, may not do this.").first()).toBeVisible();
  });
});
