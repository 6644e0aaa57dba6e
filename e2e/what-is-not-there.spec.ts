import { orderOverApi } from "./support/actions.ts";
import { expect, test } from "./support/test.ts";

test.use({ allowedErrors: [/Failed to load resource/] });

const nobodys = "01890000-0000-7000-8000-000000000000";
const pages = [
  { what: "order", path: `/orders/${nobodys}`, all: "All orders" },
  { what: "letter", path: `/dead-letters/letters/${nobodys}`, all: "All letters" },
  { what: "letter", path: `/dead-letters/letters/${nobodys}/edit`, all: "All letters" },
  { what: "cause", path: `/dead-letters/groups/${nobodys}`, all: "All causes" },
  { what: "run", path: `/dead-letters/runs/${nobodys}`, all: "All runs" },
];

test("a page says that there is no such order, letter, cause or run, and leads to those there are", async ({
  page,
}) => {
  for (const { what, path, all } of pages) {
    await page.goto(path);
    await expect(page.getByText(`There is no such ${what}`)).toBeVisible();
    await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
    await page.getByRole("link", { name: all }).first().click();
    await expect(page).not.toHaveURL(new RegExp(nobodys));
  }
});

test("an order that can't be read for now is not called missing, and comes when it is asked for again", async ({
  page,
}) => {
  const orderId = await orderOverApi(page);
  const api = `**/api/v1/orders/${orderId}`;
  // The live stream would bring the order all the same.
  await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  await page.route("**/api/v1/stream*", (route) => route.abort());
  await page.route(api, (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ status: 503, code: "database_unavailable", detail: "The database does not answer." }),
    }),
  );
  await page.goto(`/orders/${orderId}`);
  await expect(page.getByText("The order can't be shown now")).toBeVisible();
  await expect(page.getByText("The database does not answer.").first()).toBeVisible();
  await page.unroute(api);
  await page.getByRole("button", { name: "Try again" }).first().click();
  await expect(page.getByRole("heading", { name: /^Order \d+/ })).toBeVisible();
});
