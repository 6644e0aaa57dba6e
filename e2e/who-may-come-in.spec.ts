import { arrivingWhole, expect, test } from "./support/test.ts";

test.describe("a stranger", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("is sent to the sign-in page, which says how to get a link", async ({ page }) => {
    await page.goto("/orders");
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.getByText("npm start")).toBeVisible();
  });

  test.describe("with a used link", () => {
    test.use({ allowedErrors: [/Failed to load resource/] });

    test("is told that it was used", async ({ page }) => {
      await page.goto(process.env.E2E_SIGN_IN_LINK!);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByText("This link was used or is too old")).toBeVisible();
    });
  });
});

test.describe("a viewer", () => {
  test.use({ storageState: "test-results/viewer.json", allowedErrors: [/403/] });

  test("sees orders and can't place one", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { name: "Newest orders" })).toBeVisible();
    await page.goto("/place-order");
    await expect(page.getByText("Your role, viewer, may not do this.")).toBeVisible();
  });
});

test("signing out ends the session", async ({ page, browser, baseURL }) => {
  // Somebody of his own leaves: the other journeys still need their sessions.
  const context = await browser.newContext({ storageState: "test-results/leaver.json", baseURL });
  const leaver = arrivingWhole(await context.newPage());
  await leaver.goto("/");
  await leaver.getByRole("button", { name: "Your account" }).click();
  await leaver.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(leaver).toHaveURL(/\/sign-in/);
  await leaver.goto("/orders");
  await expect(leaver).toHaveURL(/\/sign-in/);
  await context.close();
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});
