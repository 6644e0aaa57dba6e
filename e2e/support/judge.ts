import { expect, type Page, test } from "@playwright/test";
import { keepScreenshot } from "./actions.ts";
import { accessibilityFaults } from "./questions.ts";

/** What is open is judged by day and by night, on a desk and in a pocket; it ends dark, and 390 px wide. */
export async function judge(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const)
    for (const width of [1440, 390])
      await test.step(`${scheme}, ${width} px`, async () => {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        if (scheme === "dark" && width === 1440)
          await page.getByRole("button", { name: "Use the dark colours" }).click();
        await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", scheme);
        expect(await accessibilityFaults(page)).toEqual([]);
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        await expect.poll(overflow).toBeLessThanOrEqual(0);
        await keepScreenshot(page, `${name}-${scheme}-${width}`);
      });
}
