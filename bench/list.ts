import type { Browser, CDPSession, Page } from "@playwright/test";
import { contextOf, openBrowser } from "./browser.ts";
import type { House } from "./house.ts";
import { median } from "./process-figures.ts";
import { judge } from "./report.ts";
import { signIn } from "./sign-in.ts";

const LETTERS = 100_000;
const ORDERS = 1_000;
const ROUNDS = 3;
const SCROLL_PX_PER_S = 8_000;
const SCROLL_S = 5;
const DEEP_ROUNDS = 40;
/** Of a row, px. */
const ROW = 46;

/** 100,000 dead letters on the product's own page, in a real browser; the peer is an empty page that scrolls as far. */
export async function benchList(house: House): Promise<void> {
  const { start, pool, say } = house;
  say(`planting ${LETTERS} dead letters …`);
  await plant();
  for (const table of ["dead_letters", "dead_letter_deaths", "orders"]) await pool.query(`VACUUM ANALYZE ${table}`);
  const stack = await start();
  const browser = await openBrowser();
  try {
    const cookie = await signIn("bench-page@example.test", "viewer");
    await benchDeepPage(house, cookie);
    await benchScrolling(house, browser, cookie);
  } finally {
    await browser.close();
    await stack.stop();
    await pool.query("TRUNCATE dead_letters, dead_letter_groups, orders CASCADE");
  }
}

async function plant(): Promise<void> {
  const { plantLetters, plantOrders } = await import("#server/dead-letters/test-letters");
  const orders = await plantOrders(ORDERS);
  const first = Date.now() - LETTERS * 100;
  await plantLetters(LETTERS, (index) => ({
    orderId: orders[index % ORDERS],
    diedAt: new Date(first + index * 100),
    errorMessage: `550 mailbox ${index} is full, and the server said so in a rather long sentence`,
    group: `cause ${index % 3}`,
  }));
}

/** Over HTTP, as a browser asks: the first page and the one that ends at row 100,000, in turn. */
async function benchDeepPage({ url, add, say }: House, cookie: string): Promise<void> {
  const ask = async (path: string) => {
    const startedAt = performance.now();
    const answer = await fetch(`${url}/api/v1/dead-letters${path}`, { headers: { cookie } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return { ms: performance.now() - startedAt, body };
  };
  const { body, ms } = await ask("/pages");
  const starts = body.starts as string[];
  const [first, last]: [number[], number[]] = [[], []];
  for (let round = 0; round < DEEP_ROUNDS; round += 1) {
    first.push((await ask("?limit=200")).ms);
    const deep = await ask(`?limit=200&cursor=${starts.at(-1)}`);
    if (deep.body.letters.length !== 200 || deep.body.nextCursor === undefined) throw new Error("not the last page");
    last.push(deep.ms);
  }
  say(`where ${starts.length + 1} pages begin was told in ${ms.toFixed(0)} ms, once a list is opened`);
  add(
    judge(
      "page at row 100,000 against the first",
      { ours: median(last), peer: median(first), unit: "ms" },
      { atMost: 3, goal: 1.5 },
    ),
  );
}

async function benchScrolling({ url, add, say, pool }: House, browser: Browser, cookie: string): Promise<void> {
  const context = await contextOf(browser, url, cookie);
  const page = await context.newPage();
  const bare = await context.newPage();
  await bare.setContent(
    `<div id="grid" role="grid" style="height:570px;overflow:auto;contain:strict"><div style="height:${LETTERS * ROW}px;background:repeating-linear-gradient(#fff 0 45px,#ddd 45px 46px)"></div></div>`,
  );
  const rounds: { ours: Scrolled; bare: Scrolled }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.bringToFront();
    await page.goto("/dead-letters?tab=letters");
    await page.locator('[role=row][aria-rowindex="2"] a').first().waitFor();
    const ours = await scroll(page);
    await bare.bringToFront();
    rounds.push({ ours, bare: await scroll(bare) });
  }
  const show = ({ frames, late, longTasks, rows }: Scrolled) =>
    `${frames} frames, ${late} over 20 ms, ${longTasks} long tasks, ${rows} rows at most`;
  for (const { ours, bare: peer } of rounds) say(`ours: ${show(ours)}; an empty page: ${show(peer)}`);
  const share = ({ late, frames }: Scrolled) => (late / frames) * 100;
  const shares = rounds.map(({ ours }) => share(ours));
  const at = rounds[shares.indexOf(median(shares))]!;
  say(`an empty page has ${share(at.bare).toFixed(1)} % of its frames over 20 ms`);
  add(judge("frames over 20 ms while scrolling", { ours: share(at.ours), unit: "%" }, { atMost: 5, goal: 1 }));
  const tasks = median(rounds.map(({ ours }) => ours.longTasks));
  add(judge("long tasks while scrolling 5 s", { ours: tasks, unit: "tasks" }, { atMost: 2, goal: 0 }));
  const rows = Math.max(...rounds.map(({ ours }) => ours.rows));
  add(judge("rows in the document", { ours: rows, unit: "rows" }, { atMost: 80, goal: 60 }));

  await page.bringToFront();
  const { rows: oldest } = await pool.query<{ id: string }>("SELECT id FROM dead_letters ORDER BY died_at, id LIMIT 1");
  const jumps: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round += 1) jumps.push(await jump(page, oldest[0]!.id));
  say(`jumps to row 100,000: ${jumps.map((ms) => ms.toFixed(0)).join(" ")} ms`);
  add(judge("End key to row 100,000 on the screen", { ours: median(jumps), unit: "ms" }, { atMost: 1_000, goal: 300 }));
  await context.close();
}

type Scrolled = { frames: number; late: number; longTasks: number; rows: number };

/** Turns the wheel for 5 s, as fast as a hurried hand, while the page counts. */
async function scroll(page: Page): Promise<Scrolled> {
  const grid = page.getByRole("grid");
  const box = (await grid.boundingBox())!;
  await grid.evaluate((element) => {
    const counted = { frames: 0, late: 0, longTasks: 0, rows: 0, isOver: false };
    Object.assign(window, { counted });
    new PerformanceObserver((list) => {
      counted.longTasks += list.getEntries().length;
    }).observe({ type: "longtask" });
    let before = 0;
    const frame = (now: number) => {
      if (before > 0) {
        counted.frames += 1;
        if (now - before > 20) counted.late += 1;
      }
      before = now;
      counted.rows = Math.max(counted.rows, element.querySelectorAll("[role=row][aria-rowindex]").length - 1);
      if (!counted.isOver) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("Input.synthesizeScrollGesture", {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    yDistance: -SCROLL_PX_PER_S * SCROLL_S,
    speed: SCROLL_PX_PER_S,
    gestureSourceType: "mouse",
  });
  await session.detach();
  const scrolled = await grid.evaluate((element) => {
    const { counted } = window as unknown as { counted: Scrolled & { isOver: boolean } };
    counted.isOver = true;
    return { ...counted, top: element.scrollTop };
  });
  if (scrolled.top < (SCROLL_PX_PER_S * SCROLL_S) / 2) throw new Error(`it scrolled only ${scrolled.top} px`);
  return scrolled;
}

/** From the top to the end by one key, until the very last letter can be read. @returns ms. */
async function jump(page: Page, lastId: string): Promise<number> {
  // A page loaded anew has never seen the end: each jump asks for it.
  await page.goto("/dead-letters?tab=letters");
  await page.locator('[role=row][aria-rowindex="2"] a').first().waitFor();
  await page.getByRole("grid").focus();
  const arrived = page.evaluate(
    (id) =>
      new Promise<number>((resolve) => {
        addEventListener(
          "keydown",
          ({ timeStamp }) => {
            const look = () => {
              const row = document.getElementById(`letter-${id}`)?.getBoundingClientRect();
              const frame = document.querySelector("[role=grid]")!.getBoundingClientRect();
              if (row && row.bottom <= frame.bottom + 1) resolve(performance.now() - timeStamp);
              else requestAnimationFrame(look);
            };
            look();
          },
          { once: true },
        );
      }),
    lastId,
  );
  await page.keyboard.press("End");
  return arrived;
}
