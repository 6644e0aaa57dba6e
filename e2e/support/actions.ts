import type { Page } from "@playwright/test";

/** Places an order as an operator does: open the page, choose what should happen, press the button. Ends on its page. */
export async function placeOrder(page: Page, preset = "Card, all fine"): Promise<string> {
  await page.goto("/place-order");
  await page.getByRole("radio", { name: preset }).check();
  await page.getByRole("button", { name: "Place order" }).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split("/").at(-1)!;
}

/** The colours an operator uses at night, or by day. */
export async function useColours(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.addInitScript((value) => localStorage.setItem("mantine-color-scheme-value", value), scheme);
}
