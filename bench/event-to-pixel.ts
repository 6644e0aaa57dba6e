import { setTimeout as wait } from "node:timers/promises";
import type { Browser, Page } from "@playwright/test";
import { contextOf, openBrowser } from "./browser.ts";
import type { House } from "./house.ts";
import { percentile } from "./process-figures.ts";
import { judge } from "./report.ts";
import { signIn } from "./sign-in.ts";
import { openReader, openReaders, STREAM } from "./stream-reader.ts";

const VIEWERS = 20;
const FLASH_SALE_PER_S = 2_000 / 60;
const WARM_UP_S = 10;
const MEASURED_S = 45;
/** How often the live streams look for changes, ms. */
const SAMPLER_MS = 250;

/**
 * From an order's moment in the database to its number on a real page, painted, with 20 viewers: one Chromium and 19
 * readers. The moment is the one that the statement writes, just before it commits: the figure is an upper bound.
 */
export async function benchEventToPixel(house: House): Promise<void> {
  house.say(`event to pixel at a flash sale's rate, ${VIEWERS} viewers …`);
  const stack = await house.start();
  const shopper = house.shopperOf(16);
  const browser = await openBrowser();
  try {
    await watchOrders(house, shopper, browser);
  } finally {
    await browser.close();
    await shopper.close();
    await stack.stop();
  }
}

async function watchOrders(
  { url, pool, add, say }: House,
  shopper: ReturnType<House["shopperOf"]>,
  browser: Browser,
): Promise<void> {
  const inFrame = new Map<string, number>();
  const onFrame = (frame: string) => {
    for (const [, id] of frame.matchAll(/"orderId":"([0-9a-f-]{36})"/g))
      if (!inFrame.has(id!)) inFrame.set(id!, Date.now());
  };
  const cookie = await signIn("bench-reader@example.test", "viewer");
  const readers = await openReaders(VIEWERS - 1, 50, (index) =>
    openReader(url + STREAM, cookie, index === 0 ? onFrame : undefined),
  );
  const context = await contextOf(browser, url, await signIn("bench-page@example.test", "viewer"));
  const page = await context.newPage();
  await page.goto("/");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await watchRows(page);
  const warmUp = await shopper.openLoop(FLASH_SALE_PER_S, WARM_UP_S);
  const { rows: began } = await pool.query<{ now: Date }>("SELECT now()");
  const load = await shopper.openLoop(FLASH_SALE_PER_S, MEASURED_S);
  await wait(3_000);
  const seen = new Map(await page.evaluate(() => (window as unknown as { seen: [string, number][] }).seen));
  const { rows: orders } = await pool.query<{ id: string; placed_at: Date }>(
    "SELECT id, placed_at FROM orders WHERE placed_at >= $1",
    [began[0]!.now],
  );
  for (const reader of readers) reader.close();
  const failed = warmUp.failed + load.failed;
  if (failed > 0) throw new Error(`${failed} checkouts failed: the figure is void`);

  // What was never shown counts as infinitely late.
  const late = (shownAt: ReadonlyMap<string, number>) =>
    orders.map(({ id, placed_at }) => (shownAt.get(id) ?? Number.POSITIVE_INFINITY) - placed_at.getTime());
  const [toPixel, toFrame] = [late(seen), late(inFrame)];
  const unseen = toPixel.filter((ms) => !Number.isFinite(ms)).length;
  const at = (values: number[], share: number) => percentile(values, share).toFixed(0);
  say(
    `${orders.length} orders: to a reader p50 ${at(toFrame, 0.5)} p95 ${at(toFrame, 0.95)} ms, to the pixel p50 ${at(toPixel, 0.5)} p95 ${at(toPixel, 0.95)} p99 ${at(toPixel, 0.99)} ms; ${unseen} passed by unseen between two frames`,
  );
  const p95 = percentile(toPixel, 0.95);
  say(`p95 is ${(p95 / SAMPLER_MS).toFixed(1)} sampler periods of ${SAMPLER_MS} ms`);
  add(judge("event to pixel p95, 20 viewers", { ours: p95, unit: "ms" }, { atMost: 1_000, goal: 400 }));
}

/** From now on the page notes when each order's row was first painted. */
const watchRows = (page: Page) =>
  page.evaluate(() => {
    const noted = new Set<string>();
    const seen: [string, number][] = [];
    Object.assign(window, { seen });
    const painted = new MessageChannel();
    let fresh: string[] = [];
    painted.port1.onmessage = () => {
      for (const id of fresh) seen.push([id, Date.now()]);
      fresh = [];
    };
    new MutationObserver(() => {
      for (const link of document.querySelectorAll<HTMLAnchorElement>('tbody a[href^="/orders/"]')) {
        const id = link.pathname.slice("/orders/".length);
        if (noted.has(id)) continue;
        noted.add(id);
        fresh.push(id);
      }
      // The message comes after the frame that shows the change.
      if (fresh.length > 0) requestAnimationFrame(() => painted.port2.postMessage(null));
    }).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["href"],
    });
  });
