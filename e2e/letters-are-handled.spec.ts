import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { holdLonger, orderOverApi } from "./support/actions.ts";
import { accessibilityFaults } from "./support/questions.ts";
import { arrivingWhole, expect, test } from "./support/test.ts";

/*
 * The mail server is away and mails die. Whoever looks sees them come, takes some along as a file, sends them again when
 * the server is back, and sees each outcome; nothing on the way is asked for twice a second.
 */

const tellMail = (mode: "ok" | "fail500") =>
  fetch(`${process.env.E2E_SANDBOX_URL}/control/faults/mail`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mode }),
  });

test.afterEach(() => tellMail("ok"));

type Found = { id: string; status: string };

const lettersOf = async (page: Page, orderId: string): Promise<Found[]> =>
  (await (await page.request.get(`/api/v1/dead-letters?status=all&orderId=${orderId}`)).json()).letters;

/** Places an order whose mails die. @returns its id, when all three have. */
async function loseMails(page: Page): Promise<string> {
  await tellMail("fail500");
  const orderId = await orderOverApi(page);
  await expect
    .poll(async () => (await lettersOf(page, orderId)).length, { timeout: 40_000, message: "dead mails" })
    .toBe(3);
  return orderId;
}

/** What a page asks the API for while it is watched. */
function countReads(page: Page, path: RegExp): () => number {
  let reads = 0;
  page.on("request", (request) => {
    if (request.method() === "GET" && path.test(new URL(request.url()).pathname)) reads += 1;
  });
  return () => reads;
}

test("letters come into an open list by themselves, and a chosen one is exported alone", async ({ page, context }) => {
  test.setTimeout(90_000);
  const list = await context.newPage();
  await list.goto("/dead-letters?tab=letters&messageType=email.send");
  await expect(list.getByText(/^Live/)).toBeVisible();
  const before = await list.getByRole("row").count();

  const orderId = await loseMails(page);
  await expect.poll(() => list.getByRole("row").count()).toBeGreaterThan(before);
  await expect(list.getByRole("tab", { name: /^Letters, \d+ waiting$/ })).toBeVisible();

  await page.goto(`/orders/${orderId}`);
  const panel = page.getByRole("region", { name: "Dead letters and what waits" });
  await expect(panel.getByRole("link", { name: "email.send" }).first()).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await panel.getByRole("link", { name: /dead letters of this order in the list/ }).click();
  await page.waitForURL(`/dead-letters?tab=letters&status=all&orderId=${orderId}`);

  const rows = page.getByRole("checkbox", { name: /^Select email\.send/ });
  await expect(rows.nth(1)).toBeVisible();
  await rows.first().check();
  await expect(page.getByText("Export 1 selected letter:")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press("r");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("leaves");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("1 letter is selected")).toBeVisible();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export 1 selected letter: JSON" }).click();
  const letters = JSON.parse(await readFile(await (await saved).path(), "utf8"));
  expect(letters).toHaveLength(1);
  expect(letters[0]).toMatchObject({ orderId, messageType: "email.send" });
  await list.close();
});

test("a run is seen from its hold to its receipt without asking for it again, and leaves a report", async ({
  page,
}) => {
  test.setTimeout(90_000);
  const orderId = await loseMails(page);
  const [letter] = await lettersOf(page, orderId);
  await tellMail("ok");
  await page.goto(`/dead-letters/letters/${letter!.id}`);
  await expect(page.getByRole("status", { name: "Verdict" })).toContainText(/its order is “(Paid|Reserved|Shipped)”/);
  await page.getByText("3 earlier attempts").click();
  const attempts = page.getByRole("list", { name: "Attempts" }).getByRole("listitem");
  await expect(attempts).toHaveCount(3);
  await expect(attempts.first()).toContainText(/^Attempt 1, .*451 told to fail/);
  expect(await accessibilityFaults(page)).toEqual([]);
  await holdLonger(page);
  await page.getByRole("button", { name: "Retry…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/dead-letters\/runs\//);
  const reads = countReads(page, /^\/api\/v1\/replay-runs\//);

  const state = page.getByRole("timer");
  await expect(state).toHaveText(/Nothing has left yet\. \d+ s/);
  const [first] = /\d+ s$/.exec((await state.textContent())!)!;
  await expect(state).not.toContainText(first);
  await expect(page.getByText(/^Live · updated just now/)).toBeVisible();
  await page.getByRole("button", { name: "Start now" }).click();
  await expect(state).toHaveText(/^Completed/, { timeout: 30_000 });
  // One when the page opened, one after the button.
  expect(reads()).toBeLessThanOrEqual(2);

  expect(await accessibilityFaults(page)).toEqual([]);
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Incident report as JSON" }).click();
  const report = JSON.parse(await readFile(await (await saved).path(), "utf8"));
  expect(report).toMatchObject({ letters: [{ letterId: letter!.id, outcome: "succeeded" }] });
});

test.describe("a purge, first with the wrong number", () => {
  test.use({ allowedErrors: [/422/] });

  test("needs a second person: letters are archived by one and purged by two", async ({ page, browser, baseURL }) => {
    test.setTimeout(90_000);
    const orderId = await loseMails(page);
    await tellMail("ok");
    const letters = await lettersOf(page, orderId);
    const listOf = (status: string) => page.goto(`/dead-letters?tab=letters&status=${status}&orderId=${orderId}`);
    const act = async (kind: "Archive" | "Purge", count?: number) => {
      await expect(page.getByRole("checkbox", { name: /^Select email\.send/ })).toHaveCount(letters.length);
      await page.getByRole("button", { name: "Select all that match" }).click();
      await page.getByRole("button", { name: `${kind}…` }).click();
      const dialog = page.getByRole("dialog", { name: new RegExp(`^${kind}`) });
      await dialog.getByLabel("Reason").fill("The order was a rehearsal.");
      if (count) await dialog.getByLabel("Number of letters").fill(String(count));
      expect(await accessibilityFaults(page)).toEqual([]);
      await dialog.getByRole("button", { name: kind }).click();
      return dialog;
    };
    await listOf("unsettled");
    await expect(await act("Archive")).toBeHidden();
    await listOf("archived");
    const dialog = await act("Purge", letters.length + 1);
    await expect(dialog.getByRole("alert")).toContainText("Nothing was changed");
    await dialog.getByLabel("Number of letters").fill(String(letters.length));
    await dialog.getByRole("button", { name: "Purge" }).click();
    await expect(dialog).toBeHidden();
    await page.goto("/dead-letters?tab=runs");
    const waiting = page.getByRole("region", { name: "Purges that wait for a second person" });
    await waiting.getByLabel("Number of letters").fill(String(letters.length));
    await expect(waiting.getByRole("button", { name: "Approve" })).toHaveAttribute("aria-disabled", "true");

    const lead = await browser.newContext({ baseURL, storageState: "test-results/lead.json" });
    const second = arrivingWhole(await lead.newPage());
    await second.goto("/dead-letters?tab=runs");
    const asked = second.getByRole("region", { name: "Purges that wait for a second person" });
    await expect(asked).toContainText("The order was a rehearsal.");
    expect(await accessibilityFaults(second)).toEqual([]);
    await asked.getByLabel("Number of letters").fill(String(letters.length));
    await asked.getByRole("button", { name: "Approve" }).click();
    await expect(asked).toBeHidden();
    await lead.close();
    expect(await lettersOf(page, orderId)).toEqual([]);
  });
});

test("an edit that was not sent is not left by accident", async ({ page }) => {
  test.setTimeout(90_000);
  const orderId = await loseMails(page);
  const [letter] = await lettersOf(page, orderId);
  await tellMail("ok");
  await page.goto(`/dead-letters/letters/${letter!.id}`);
  await page.getByRole("button", { name: "Edit…" }).click();
  await page.waitForURL(/\/edit$/);
  const reason = page.getByLabel("Reason");
  await reason.fill("The address was misspelt.");
  const question = page.getByRole("dialog", { name: "Leave without sending it?" });
  const stay = async () => {
    await expect(question).toBeVisible();
    await question.getByRole("button", { name: "Stay here" }).click();
    await expect(question).toBeHidden();
    await expect(reason).toHaveValue("The address was misspelt.");
  };

  await page.getByRole("link", { name: "Back to the letter" }).click();
  await stay();
  await page.goBack();
  await stay();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(question).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await stay();
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();

  await page.goBack();
  await question.getByRole("button", { name: "Leave" }).click();
  await page.waitForURL(`/dead-letters/letters/${letter!.id}`);
  await expect(page.getByRole("heading", { name: "email.send" })).toBeVisible();
});
