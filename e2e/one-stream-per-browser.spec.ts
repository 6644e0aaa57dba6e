import type { BrowserContext, Page } from "@playwright/test";
import { orderOverApi } from "./support/actions.ts";
import { openFrontDoor } from "./support/front-door.ts";
import { expect, test } from "./support/test.ts";

const live = (page: Page) => page.getByText("Live · updated");
const stale = (page: Page) => page.getByText(/Stale since \d\d:\d\d/);

async function openTabs(context: BrowserContext, url: string, paths: readonly string[]): Promise<Page[]> {
  const tabs: Page[] = [];
  for (const path of paths) {
    const tab = await context.newPage();
    await tab.goto(`${url}${path}`);
    tabs.push(tab);
  }
  return tabs;
}

test("eight tabs share one stream, whichever of them closes, and all know when the server goes and comes back", async ({
  page,
  context,
  baseURL,
}) => {
  test.setTimeout(120_000);
  const orderId = await orderOverApi(page);
  const door = await openFrontDoor(baseURL!);
  const order = `/orders/${orderId}`;
  const tabs = await openTabs(context, door.url, ["/", "/consumers", "/queues", order, "/", order, "/consumers", "/"]);
  for (const tab of tabs) await expect(live(tab)).toBeVisible();
  await expect.poll(door.streams).toBe(1);

  const [first, ...others] = tabs as [Page, ...Page[]];
  await first.close();
  const newest = await orderOverApi(page);
  for (const tab of others) await expect(live(tab)).toBeVisible();
  for (const tab of others.filter((tab) => new URL(tab.url()).pathname === "/"))
    await expect(tab.locator(`a[href="/orders/${newest}"]`)).toBeVisible();

  await door.shut();
  for (const tab of others) await expect(stale(tab)).toBeVisible();
  await door.reopen();
  for (const tab of others) await expect(live(tab)).toBeVisible();
  await expect.poll(door.streams).toBe(1);
  for (const tab of others) await tab.close();
  await expect.poll(door.streams).toBe(0);
  await door.shut();
});

test("a browser without shared workers has a stream per tab", async ({ context, baseURL }) => {
  await context.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  const door = await openFrontDoor(baseURL!);
  const tabs = await openTabs(context, door.url, ["/", "/queues"]);
  for (const tab of tabs) await expect(live(tab)).toBeVisible();
  await expect.poll(door.streams).toBe(2);
  for (const tab of tabs) await tab.close();
  await door.shut();
});

test("a page that is hidden takes nothing, and catches up when it is looked at again", async ({ page, context }) => {
  await page.addInitScript(() => {
    let state: DocumentVisibilityState = "visible";
    Object.defineProperty(document, "visibilityState", { get: () => state });
    addEventListener("look", ({ detail }: CustomEventInit<DocumentVisibilityState>) => {
      state = detail!;
      document.dispatchEvent(new Event("visibilitychange"));
    });
  });
  const look = (state: DocumentVisibilityState) =>
    page.evaluate((detail) => dispatchEvent(new CustomEvent("look", { detail })), state);
  await page.goto("/");
  await expect(live(page)).toBeVisible();
  await look("hidden");
  const orderId = await orderOverApi(page);
  const overview = await context.newPage();
  await overview.goto("/");
  const link = `a[href="/orders/${orderId}"]`;
  await expect(overview.locator(link)).toBeVisible();
  await expect(page.locator(link)).toBeHidden();
  await look("visible");
  await expect(page.locator(link)).toBeVisible();
  await expect(live(page)).toBeVisible();
});
