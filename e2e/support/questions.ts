import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { sandboxUrl } from "./sandbox.ts";

/** A step of the order's timeline, by its title. */
export const step = (page: Page, title: string): Locator =>
  page.getByRole("region", { name: "What happened" }).getByRole("listitem").filter({ hasText: title });

/** What the payment provider's own books say of an order. */
export async function chargesOf(orderId: string): Promise<{ capturedCents: number; refundedCents: number }[]> {
  const ledger = (await (await fetch(`${sandboxUrl}/api/ledger/payments`)).json()) as {
    orderId: string;
    capturedCents: number;
    refundedCents: number;
  }[];
  return ledger.filter((line) => line.orderId === orderId && line.capturedCents > 0);
}

/** Violations of WCAG 2.2 AA on the page as it is. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // Our pages have no frames: one call judges all, where its newer way opens a page of its own for each.
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
}
