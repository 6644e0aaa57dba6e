import { orderOverApi } from "./support/actions.ts";
import { accessibilityFaults } from "./support/questions.ts";
import { tell } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

test.afterEach(() => tell("faults/shipping", { mode: "ok" }));

test("the carrier is broken on purpose, orders say so, the curves have a mark, and it heals", async ({ page }) => {
  await page.goto("/drills");
  await page.getByRole("button", { name: "Break Carrier" }).click();
  const begin = page.getByRole("dialog", { name: "Break Carrier" });
  await begin.getByLabel("How it fails").click();
  await page.getByRole("option", { name: "refuses with an error" }).click();
  await begin.getByLabel("Minutes").fill("2");
  await begin.getByLabel("Reason").fill("Do we notice?");
  expect(await accessibilityFaults(page)).toEqual([]);
  await begin.getByRole("button", { name: "Break" }).click();
  await expect(page.getByText("A drill: Carrier refuses with an error.")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);

  const orderId = await orderOverApi(page);
  await page.goto(`/orders/${orderId}`);
  await expect(page.getByText(/^The carrier did not do its part: attempt \d+ of \d+/)).toBeVisible();

  await page.goto("/drills");
  await page.getByRole("button", { name: "Heal Carrier" }).click();
  const end = page.getByRole("dialog", { name: "Heal Carrier" });
  await end.getByLabel("Reason").fill("Everybody noticed.");
  await end.getByRole("button", { name: "Heal" }).click();
  await expect(page.getByText("No drill: every outside system works.")).toBeVisible();
  await page.goto(`/orders/${orderId}`);
  await expect(page.getByText(/^On its way; the carrier is asked/)).toBeVisible({ timeout: 30_000 });

  await page.goto("/");
  await expect(page.getByRole("link", { name: "Carrier refuses with an error" })).toBeVisible({ timeout: 15_000 });
  await page.goto("/audit");
  await expect(page.getByText("drills:begin").first()).toBeVisible();
  await expect(page.getByText("Everybody noticed.").first()).toBeVisible();
});

test.describe("somebody who only looks", () => {
  test.use({ storageState: "test-results/viewer.json" });

  test("sees what is broken and is told why he can't break it", async ({ page }) => {
    await page.goto("/drills");
    await expect(page.getByRole("button", { name: "Break Carrier" })).toHaveAttribute("aria-disabled", "true");
  });
});
