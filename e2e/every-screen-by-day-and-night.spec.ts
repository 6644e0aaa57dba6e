import { openNewOrder } from "./support/actions.ts";
import { judge } from "./support/judge.ts";
import { step } from "./support/questions.ts";
import { letCustomersOrder } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

const screens = [
  { name: "overview", path: "/", landmark: "Newest orders" },
  { name: "place-order", path: "/place-order", landmark: "Sencha, 100 g" },
  { name: "orders", path: "/orders", landmark: "Newest first" },
  { name: "missing", path: "/orders?tab=missing", landmark: "What is missing" },
  { name: "dead-letters", path: "/dead-letters", landmark: "Causes" },
  { name: "letters", path: "/dead-letters?tab=letters&status=all", landmark: "NotAccepted: the partner answered 404" },
  { name: "partners", path: "/partners", landmark: "harbor-crm" },
  { name: "audit", path: "/audit", landmark: "Why, before and after" },
  { name: "consumers", path: "/consumers", landmark: "create-shipment" },
  { name: "queues", path: "/queues", landmark: "Other queues of the vhost" },
  { name: "topics", path: "/topics", landmark: "In sync" },
  { name: "drills", path: "/drills", landmark: "No drill: every outside system works." },
  { name: "alerts", path: "/alerts", landmark: "Who is told" },
];

/** A shop with some life in it: screens are judged, and photographed, as an operator sees them. */
test.beforeAll(async () => {
  const placed = async () => (await letCustomersOrder(15)).placed;
  await expect.poll(placed, { timeout: 60_000 }).toBeGreaterThan(50);
  await letCustomersOrder(null);
});
test.afterAll(() => letCustomersOrder(null));

test.beforeEach(({ page }) => page.setViewportSize({ width: 1440, height: 900 }));

for (const { name, path, landmark } of screens)
  test(`${name} can be read and used by everybody`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByText(landmark, { exact: true }).first()).toBeVisible();
    await judge(page, name);
  });

test("an order can be read and used by everybody", async ({ page }) => {
  await openNewOrder(page);
  await expect(step(page, "Handed to the carrier")).toBeVisible();
  await expect(page.getByRole("link", { name: /Invoice/ })).toBeVisible();
  await judge(page, "order");
});
