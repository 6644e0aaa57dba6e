import { placeOrder, useColours } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { expect, test } from "./support/test.ts";

const screens = [
  { name: "overview", path: "/", landmark: "Newest orders" },
  { name: "place-order", path: "/place-order", landmark: "Sencha, 100 g" },
  { name: "orders", path: "/orders", landmark: "Newest first" },
];

/** A shop with some life in it: screens are judged, and photographed, as an operator sees them. */
test.beforeAll(async () => {
  const control = `${process.env.E2E_SANDBOX_URL}/control/generator`;
  const tell = async (change: object) => {
    const answer = await fetch(control, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(change),
    });
    return (await answer.json()) as { placed: number };
  };
  await tell({ running: true, ratePerSecond: 15 });
  await expect
    .poll(async () => ((await (await fetch(control)).json()) as { placed: number }).placed)
    .toBeGreaterThan(50);
  await tell({ running: false, ratePerSecond: 2 });
});

for (const scheme of ["light", "dark"] as const)
  for (const width of [1440, 390])
    test.describe(`${scheme}, ${width} px`, () => {
      test.use({ viewport: { width, height: width === 390 ? 844 : 900 } });
      test.beforeEach(({ page }) => useColours(page, scheme));

      for (const { name, path, landmark } of screens)
        test(`${name} can be read and used by everybody`, async ({ page }) => {
          await page.goto(path);
          await expect(page.getByText(landmark, { exact: true }).first()).toBeVisible();
          expect(await accessibilityFaults(page)).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
          await keepScreenshot(page, `${name}-${scheme}-${width}`);
        });

      test("an order can be read and used by everybody", async ({ page }) => {
        await placeOrder(page);
        await expect(step(page, "Handed to the carrier")).toBeVisible();
        await expect(page.getByRole("link", { name: /Invoice/ })).toBeVisible();
        expect(await accessibilityFaults(page)).toEqual([]);
        await keepScreenshot(page, `order-${scheme}-${width}`);
      });
    });

/** With UPDATE_SCREENSHOTS=1 the documents' pictures are made anew. */
async function keepScreenshot(page: import("@playwright/test").Page, name: string): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS) await page.screenshot({ path: `docs/screenshots/${name}.png` });
}
