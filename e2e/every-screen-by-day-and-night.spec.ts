import type { Page } from "@playwright/test";
import { keepScreenshot, placeOrder } from "./support/actions.ts";
import { accessibilityFaults, step } from "./support/questions.ts";
import { letCustomersOrder } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

const screens = [
  { name: "overview", path: "/", landmark: "Newest orders" },
  { name: "place-order", path: "/place-order", landmark: "Sencha, 100 g" },
  { name: "orders", path: "/orders", landmark: "Newest first" },
  { name: "missing", path: "/orders?tab=missing", landmark: "What is missing" },
  { name: "dead-letters", path: "/dead-letters", landmark: "Causes" },
  { name: "letters", path: "/dead-letters?tab=letters&status=all", landmark: "NotAccepted: the partner answered 404" },
  { name: "partners", path: "/partners", landmark: "harbor-crm" },
  { name: "audit", path: "/audit", landmark: "Why, before and after" },
  { name: "consumers", path: "/consumers", landmark: "create-shipment" },
  { name: "queues", path: "/queues", landmark: "Other queues of the vhost" },
  { name: "topics", path: "/topics", landmark: "In sync" },
  { name: "drills", path: "/drills", landmark: "No drill: every outside system works." },
  { name: "alerts", path: "/alerts", landmark: "Who is told" },
];

/** A shop with some life in it: screens are judged, and photographed, as an operator sees them. */
test.beforeAll(async () => {
  await expect.poll(async () => (await letCustomersOrder(15)).placed).toBeGreaterThan(50);
  await letCustomersOrder(null);
});

/** What is open is judged by day and by night, on a desk and in a pocket. */
async function judge(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const)
    for (const width of [1440, 390])
      await test.step(`${scheme}, ${width} px`, async () => {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        if (scheme === "dark" && width === 1440)
          await page.getByRole("button", { name: "Use the dark colours" }).click();
        await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", scheme);
        expect(await accessibilityFaults(page)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        await keepScreenshot(page, `${name}-${scheme}-${width}`);
      });
}

test.beforeEach(({ page }) => page.setViewportSize({ width: 1440, height: 900 }));

for (const { name, path, landmark } of screens)
  test(`${name} can be read and used by everybody`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByText(landmark, { exact: true }).first()).toBeVisible();
    await judge(page, name);
  });

test("an order can be read and used by everybody", async ({ page }) => {
  await placeOrder(page);
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  await expect(page.getByRole("link", { name: /Invoice/ })).toBeVisible();
  await judge(page, "order");
});
