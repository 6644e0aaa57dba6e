import { call, openNewOrder } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

test("every step of an order is told, with its offset, its workers and its jobs one click away", async ({ page }) => {
  await openNewOrder(page);
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  await page.getByLabel("Show every step").check();
  const story = page.getByRole("region", { name: "What happened" });
  const record = story.getByRole("link", { name: /^On Kafka, partition \d+, offset \d+$/ }).first();
  await expect(story.getByRole("link", { name: "charge-payment handled it" })).toBeVisible();
  await expect(story.getByText("Mail: confirmation")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);

  const [, partition, offset] = /partition (\d+), offset (\d+)/.exec((await record.textContent())!) ?? [];
  await record.click();
  const first = page.getByRole("button", { name: /^Open offset/ }).first();
  await expect(first).toHaveAccessibleName(`Open offset ${offset} of partition ${partition}`);
});

test("what an order still waits for is named, with the way there", async ({ page }) => {
  const pause = "workers/render-label/pause";
  await page.goto("/");
  await call(page, "POST", pause, { reason: "The printer is away." });
  try {
    await openNewOrder(page);
    const waiting = page.getByRole("list", { name: "Waiting" });
    await expect(waiting.locator('a[href="/queues?family=label"]')).toBeVisible();
    await expect(waiting.getByRole("link")).toHaveCount(1);
    expect(await accessibilityFaults(page)).toEqual([]);
  } finally {
    await call(page, "DELETE", pause, { reason: "The printer is back." });
  }
  await expect(page.getByText("Nothing of it waits.")).toBeVisible();
});

test("an order can be seen as it was at any of its events", async ({ page }) => {
  await openNewOrder(page);
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  const asItWas = page.getByRole("region", { name: "As it was" });
  await expect(asItWas.getByRole("row", { name: "Status shipped" })).toBeVisible();
  await asItWas.getByRole("slider", { name: "Event of the history" }).press("Home");
  await expect(asItWas.getByRole("row", { name: "Status placed" })).toBeVisible();
  await expect(asItWas.getByRole("row", { name: "Money open" })).toBeVisible();
  await asItWas.getByRole("slider").press("End");
  await expect(asItWas.getByRole("row", { name: "Status shipped" })).toBeVisible();
});
