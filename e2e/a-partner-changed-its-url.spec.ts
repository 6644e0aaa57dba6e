import type { Page } from "@playwright/test";
import { call, holdLonger, keepScreenshot, orderOverApi, useColours } from "./support/actions.ts";
import { accessibilityFaults } from "./support/questions.ts";
import { sandboxUrl, tell } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/*
 * The story this product is proud of: a partner moved and told nobody. What was sent to it died; an operator corrects the
 * URL once, and all of it arrives.
 */

const partner = "harbor-crm";
const newUrl = `${sandboxUrl}/partners/${partner}/webhooks-v2`;
const DIED = 12;

const arrivedAt = async (name: string) =>
  ((await (await fetch(`${sandboxUrl}/api/partners/${name}/deliveries`)).json()) as {
    id: string;
    attempts: number;
  }[]) ?? [];

/** Orders whose card is declined: the partner wants to know of each. */
async function placeDeclinedOrders(page: Page, count: number): Promise<void> {
  for (let placed = 0; placed < count; placed += 1) await orderOverApi(page, "declined");
}

const endpointOf = async (page: Page) => {
  const { endpoints } = await (await page.request.get("/api/v1/webhook-endpoints")).json();
  return endpoints.find((one: { partner: string }) => one.partner === partner) as {
    id: string;
    url: string;
    deadLetters: number;
  };
};

/** By day somebody is told by an alert, and follows it. */
async function followTheAlert(page: Page): Promise<void> {
  await page.goto("/alerts");
  const alert = page
    .getByRole("list", { name: "Open alerts" })
    .getByRole("link", { name: /^\d+ dead letters of webhook wait/ });
  await expect(alert).toBeVisible({ timeout: 30_000 });
  expect(await accessibilityFaults(page)).toEqual([]);
  await alert.click();
  await expect(page.getByText("Died in: webhook")).toBeVisible();
  await expect(page.getByText("NotAccepted: the partner answered 404").first()).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole("tab", { name: "Causes" }).click();
}

/** By night somebody looks at the first page, and follows its sentence. */
async function followTheSentence(page: Page): Promise<void> {
  await page.goto("/");
  const headline = page.getByRole("status").filter({ hasText: /\d+ dead letters wait for somebody/ });
  await expect(headline).toBeVisible({ timeout: 30_000 });
  expect(await accessibilityFaults(page)).toEqual([]);
  await headline.getByRole("link", { name: "Look there" }).click();
}

/** So few are worth an alert while this story is told. */
test.beforeEach(({ page }) => call(page, "PATCH", "alert-rules/dead-letters", { threshold: DIED - 2 }));
test.afterEach(({ page }) => call(page, "PATCH", "alert-rules/dead-letters", { threshold: 50 }));

for (const scheme of ["light", "dark"] as const)
  test(`a partner changed its URL: corrected once, everything that died for it arrives (${scheme}, from the ${scheme === "light" ? "alert" : "first page"})`, async ({
    page,
  }) => {
    test.setTimeout(120_000);
    await useColours(page, scheme);
    // The partner moved since; the second time round it moved once more.
    const address = scheme === "light" ? "webhooks-v2" : "webhooks-v3";
    await tell(`partners/${partner}`, { address });
    const before = (await arrivedAt(partner)).length;
    await placeDeclinedOrders(page, DIED);
    await expect
      .poll(async () => (await endpointOf(page)).deadLetters, { timeout: 60_000, message: "letters of the partner" })
      .toBeGreaterThanOrEqual(DIED);

    await (scheme === "light" ? followTheAlert : followTheSentence)(page);
    const cause = page.getByRole("listitem").filter({ hasText: "the partner answered" });
    await expect(cause).toBeVisible();
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepScreenshot(page, `causes-${scheme}`);
    await cause.getByRole("button", { name: "Correct the URL…" }).click();
    const dialog = page.getByRole("dialog", { name: `Correct the URL of ${partner}` });
    await dialog.getByLabel("New URL").fill(newUrl.replace("webhooks-v2", address));
    await dialog.getByLabel("Reason").fill("They moved to a new address last night.");
    await dialog.getByRole("button", { name: "Correct" }).click();

    await page.getByRole("button", { name: "Replay them" }).click();
    const plan = page.getByRole("dialog");
    await expect(plan.getByText(/letters leave\./)).toBeVisible();
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepScreenshot(page, `replay-plan-${scheme}`);
    await holdLonger(page);
    await plan.getByRole("button", { name: "Start" }).click();

    await expect(page.getByText(/Nothing has left yet/)).toBeVisible();
    expect((await arrivedAt(partner)).length).toBe(before);
    await page.getByRole("button", { name: /Start now/ }).click();
    await expect(page.getByText(/^Completed in/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("region", { name: "Receipt" })).toContainText("payment failed");
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepScreenshot(page, `replay-run-${scheme}`);

    expect((await arrivedAt(partner)).length).toBeGreaterThanOrEqual(before + DIED);
    expect((await endpointOf(page)).deadLetters).toBe(0);

    await page.getByRole("link", { name: "Everything this run did" }).click();
    await expect(page.getByText("dead-letters:retry").first()).toBeVisible();
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepScreenshot(page, `audit-${scheme}`);
  });
