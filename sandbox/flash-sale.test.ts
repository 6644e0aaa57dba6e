import { expect, test } from "vitest";
import { createFlashSale } from "./flash-sale.ts";

test("a flash sale places as many orders as it says, at its pace, and ends", async () => {
  let placed = 0;
  const sale = createFlashSale(async () => {
    placed += 1;
  });
  const startedMs = performance.now();
  sale.tell({ ratePerMinute: 6_000, minutes: 0.01 });
  expect(sale.state()).toMatchObject({ isRunning: true, total: 60 });
  await expect.poll(() => sale.state()!.isRunning, { interval: 10 }).toBe(false);
  expect(placed).toBe(60);
  expect(performance.now() - startedMs).toBeGreaterThan(500);
});

test("one that is stopped places no more, and what the shop refused is counted as such", async () => {
  let asked = 0;
  const sale = createFlashSale(async () => {
    asked += 1;
    if (asked > 1) throw new Error("the shop answered 503");
  });
  sale.tell({ ratePerMinute: 6_000, minutes: 1 });
  await expect.poll(() => sale.state()!.refused).toBeGreaterThan(2);
  sale.tell(null);
  const { placed, refused } = { ...sale.state()! };
  expect(placed).toBe(1);
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([asked, sale.state()!.isRunning]).toEqual([before, false]);
  expect(sale.state()!.refused).toBe(refused);
});
