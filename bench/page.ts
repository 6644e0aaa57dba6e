import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { contextOf, openBrowser } from "./browser.ts";
import type { House } from "./house.ts";
import { median } from "./process-figures.ts";
import { judge } from "./report.ts";
import { signIn } from "./sign-in.ts";

const LOADS = 7;
const KIB = 1_024;
const MIB = 1_048_576;
/** Instead of half an hour: what leaks shows in six minutes as well, and nobody waits for the rest. */
const HEAP_S = 360;
const HEAP_ORDERS_PER_S = 10;

/** How heavy the overview is and how fast it comes, with a shop behind it that has some life in it. */
export async function benchPage(house: House): Promise<void> {
  const { url, start, shopperOf, say } = house;
  say("the overview's weight and speed …");
  const stack = await start();
  const browser = await openBrowser();
  const shopper = shopperOf(8);
  try {
    const cookie = await signIn("bench-page@example.test", "viewer");
    await shopper.openLoop(20, 20);
    await wait(15_000);
    await benchWeight(house, cookie);
    await benchSpeed(house, browser, url, cookie);
  } finally {
    await browser.close();
    await shopper.close();
    await stack.stop();
  }
}

/** The scripts that a page's HTML itself names, packed. The emptiest page of the same build is the one of an unknown address. */
async function benchWeight({ url, add, say }: House, cookie: string): Promise<void> {
  const weigh = async (path: string) => {
    const html = await (await fetch(`${url}${path}`, { headers: { cookie } })).text();
    const scripts = new Set(
      [...html.matchAll(/<script[^>]+src="([^"]+)"(?![^>]*nomodule)[^>]*>/gi)].map(([, src]) => src!),
    );
    let bytes = 0;
    for (const src of scripts) {
      const script = Buffer.from(await (await fetch(new URL(src, url))).arrayBuffer());
      bytes += gzipSync(script, { level: 9 }).length;
    }
    return { bytes, scripts: scripts.size };
  };
  const [overview, empty] = [await weigh("/"), await weigh("/no-such-page")];
  say(`${overview.scripts} scripts against ${empty.scripts}`);
  add(
    judge(
      "first-load JavaScript of the overview, gzip",
      { ours: overview.bytes / KIB, peer: empty.bytes / KIB, unit: "KiB" },
      { atMost: 2.5, goal: 1.8 },
    ),
  );
}

type Vitals = { lcp: number; cls: number; inp: number };

/** Each load in a fresh profile, nothing cached; then an operator's first minute. */
async function benchSpeed({ add, say }: House, browser: Browser, url: string, cookie: string): Promise<void> {
  const loads: Vitals[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    const context = await contextOf(browser, url, cookie);
    const page = await context.newPage();
    await page.addInitScript(observeVitals);
    await page.goto("/");
    await page.getByRole("table").first().waitFor();
    await wait(3_000);
    await workForAWhile(page);
    loads.push(await page.evaluate(() => (window as unknown as { vitals: Vitals }).vitals));
    await context.close();
  }
  const all = (name: keyof Vitals) => loads.map((vitals) => vitals[name]);
  const show = (name: keyof Vitals, digits: number) =>
    all(name)
      .map((value) => value.toFixed(digits))
      .join(" ");
  say(`LCP ${show("lcp", 0)} ms; CLS ${show("cls", 3)}; slowest interaction ${show("inp", 0)} ms`);
  add(
    judge(
      "largest contentful paint of the overview",
      { ours: median(all("lcp")), unit: "ms" },
      { atMost: 1_500, goal: 800 },
    ),
  );
  add(judge("layout shift of the overview", { ours: Math.max(...all("cls")), unit: "" }, { atMost: 0.05, goal: 0 }));
  add(judge("interaction to next paint", { ours: median(all("inp")), unit: "ms" }, { atMost: 200, goal: 100 }));
}

/** The browser's own account of the page's life. */
function observeVitals(): void {
  const vitals = { lcp: 0, cls: 0, inp: 0 };
  Object.assign(window, { vitals });
  const observe = (type: string, options: object, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
  observe("largest-contentful-paint", {}, ({ startTime }) => {
    vitals.lcp = startTime;
  });
  observe("layout-shift", {}, (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) vitals.cls += value;
  });
  observe("event", { durationThreshold: 16 }, (entry) => {
    const { interactionId } = entry as PerformanceEntry & { interactionId: number };
    if (interactionId > 0) vitals.inp = Math.max(vitals.inp, entry.duration);
  });
}

/** Finds something, changes the colours, opens the menu: with so few interactions the slowest is the one that counts. */
async function workForAWhile(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Find an order/ }).click();
  await page.getByLabel("Find", { exact: true }).pressSequentially("10", { delay: 80 });
  await page.keyboard.press("Escape");
  await wait(500);
  await page.getByRole("button", { name: "Use the dark colours" }).click();
  await wait(500);
  await page.getByRole("button", { name: "Use the light colours" }).click();
  await wait(500);
  await page.getByRole("link", { name: "Queues" }).first().click();
  await page.getByRole("heading", { name: "Queues" }).first().waitFor();
  await page.getByRole("link", { name: "Overview" }).first().click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await wait(1_000);
}

/** The page's own memory while the overview is open and orders come in, after garbage was collected. */
export async function benchHeap({ url, start, shopperOf, add, say }: House): Promise<void> {
  say(`the browser's memory, ${HEAP_S / 60} minutes …`);
  const stack = await start();
  const browser = await openBrowser();
  const shopper = shopperOf(8);
  try {
    const context = await contextOf(browser, url, await signIn("bench-page@example.test", "viewer"));
    const page = await context.newPage();
    await page.goto("/");
    const ordering = shopper.openLoop(HEAP_ORDERS_PER_S, HEAP_S);
    await wait(60_000);
    const early = await heapBytes(page);
    await wait(HEAP_S * 1_000 - 60_000);
    const late = await heapBytes(page);
    const { failed } = await ordering;
    if (failed > 0) throw new Error(`${failed} checkouts failed: the figure is void`);
    add(
      judge(
        `JavaScript heap after ${HEAP_S / 60} minutes against one`,
        { ours: late / MIB, peer: early / MIB, unit: "MiB" },
        { atMost: 1.5, goal: 1.1 },
      ),
    );
  } finally {
    await browser.close();
    await shopper.close();
    await stack.stop();
  }
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}
