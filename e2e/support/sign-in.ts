import { mkdirSync } from "node:fs";
import { chromium, type FullConfig } from "@playwright/test";
import { arrivingWhole } from "./test.ts";

/** Uses the one-time links, once each, and keeps who is signed in: the links work only once. */
export default async function signIn(config: FullConfig): Promise<void> {
  const { launchOptions } = config.projects[0]!.use;
  const browser = await chromium.launch(launchOptions);
  mkdirSync("test-results", { recursive: true });
  for (const [name, link] of [
    ["admin", process.env.E2E_SIGN_IN_LINK],
    ["lead", process.env.E2E_LEAD_LINK],
    ["operator", process.env.E2E_OPERATOR_LINK],
    ["viewer", process.env.E2E_VIEWER_LINK],
    ["leaver", process.env.E2E_LEAVER_LINK],
  ]) {
    const page = arrivingWhole(await browser.newPage());
    await page.goto(link!);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.context().storageState({ path: `test-results/${name}.json` });
    await page.close();
  }
  await browser.close();
}
