import { type Browser, type BrowserContext, chromium } from "@playwright/test";
import { findChromium } from "#ops/services/chromium";

/** A real browser without a window, as quiet as it can be made. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A fresh profile, cache and all, in which somebody is signed in. */
export async function contextOf(browser: Browser, url: string, cookie: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
  const equals = cookie.indexOf("=");
  await context.addCookies([{ url, name: cookie.slice(0, equals), value: cookie.slice(equals + 1) }]);
  return context;
}
