import { test as base, expect, type Page } from "@playwright/test";

/**
 * A part of a page that is streamed after the rest lies hidden until React shows it, and meanwhile the browser may have made
 * it by itself: for a moment it is there twice.
 */
const hasArrivedWhole = () => document.querySelector('[hidden][id^="S:"]') === null;

/** React listens to what it has a fiber for: a click before that is lost. Pages that are not React's have no such script. */
const canBeClicked = () =>
  document.querySelector('script[src*="/_next/"]') === null ||
  [...document.querySelectorAll("button")].every((button) =>
    Object.keys(button).some((key) => key.startsWith("__reactFiber$")),
  );

/** Has a page come whole, and listen, when its `goto` ends. */
export function arrivingWhole(page: Page): Page {
  const goto = page.goto.bind(page);
  page.goto = async (...where) => {
    const answer = await goto(...where);
    await page.waitForFunction(hasArrivedWhole);
    await page.waitForFunction(canBeClicked);
    return answer;
  };
  return page;
}

/**
 * Every journey also proves: no error in the console, no script error, no request to a foreign host. A test that provokes
 * one says so with `allowedErrors`.
 */
export const test = base.extend<{ allowedErrors: RegExp[]; cleanPage: undefined }>({
  context: async ({ context }, use) => {
    const newPage = context.newPage.bind(context);
    context.newPage = async () => arrivingWhole(await newPage());
    await use(context);
  },
  allowedErrors: [[], { option: true }],
  cleanPage: [
    async ({ page, baseURL, allowedErrors }, use) => {
      const faults: string[] = [];
      const report = (text: string) => {
        if (!allowedErrors.some((allowed) => allowed.test(text))) faults.push(text);
      };
      page.on("console", (message) => message.type() === "error" && report(message.text()));
      page.on("pageerror", (error) => report(error.message));
      page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        const isOurs = hostname === new URL(baseURL!).hostname || hostname === "127.0.0.1";
        if (!isOurs && protocol.startsWith("http")) faults.push(`a request to ${hostname}`);
      });
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
