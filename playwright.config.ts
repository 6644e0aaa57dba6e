import { defineConfig } from "@playwright/test";

/** Browser journeys against a running product; `npm test` starts it and says where (E2E_BASE_URL). */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // One after the other: they share a shop, and two cores.
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  globalSetup: "./e2e/support/sign-in.ts",
  use: {
    baseURL: process.env.E2E_BASE_URL,
    storageState: "test-results/admin.json",
    viewport: { width: 1440, height: 900 },
    // Of a failure its requests and the page at each step, which tell more than pictures and cost a tenth of them.
    trace: { mode: "retain-on-failure", screenshots: false, sources: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
