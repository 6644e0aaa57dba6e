import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import { transaction } from "#server/messaging/transaction";
import { moveOrders } from "#server/orders/move-orders";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const stage = workerStage(sandbox.url);
afterEach(() => stage.fault("shipping", "ok"));
afterAll(() => sandbox.close());

const UNTIL_RESERVED = ["order.placed", "payment.captured", "inventory.reserved"];

/** An order that is paid and whose goods are set aside. */
async function reserved(wish: Parameters<typeof stage.place>[0] = {}): Promise<string> {
  const orderId = await stage.place(wish);
  await stage.tell(chargePayment, orderId, "order.placed");
  await stage.tell(reserveStockWorker, orderId, "payment.captured");
  expect(await stage.history(orderId)).toEqual(UNTIL_RESERVED);
  return orderId;
}

const ship = (orderId: string) => stage.tell(createShipment, orderId, "inventory.reserved");

async function stockOf(sku: string): Promise<{ available: number; reserved: number; shipped: number }> {
  const [row] = await db.rows<{ available: number; reserved: number; shipped: number }>(
    sql`SELECT available, reserved, shipped FROM stock WHERE sku = ${sku}`,
  );
  return row!;
}

describe("an order whose goods are set aside", () => {
  test("is one parcel, although it is delivered 20 times at once and once more", async () => {
    const orderId = await reserved({ sku: "KETTLE-GN", quantity: 3 });
    const before = await stockOf("KETTLE-GN");
    const delivery = await stage.delivery(createShipment, orderId, "inventory.reserved");
    const runs = await Promise.all(Array.from({ length: 20 }, () => stage.handle(createShipment, [delivery])));
    expect([...runs, await ship(orderId)].flatMap(({ failed }) => failed)).toEqual([]);

    const [parcel, ...further] = await stage.parcels(orderId);
    expect(further).toEqual([]);
    expect(await stage.history(orderId)).toEqual([...UNTIL_RESERVED, "shipping.created"]);
    expect(await stage.said(orderId, "shipping.created")).toMatchObject({
      carrierId: parcel!.id,
      trackingNumber: parcel!.trackingNumber,
    });
    expect(await stage.status(orderId)).toBe("shipped");
    expect(await stockOf("KETTLE-GN")).toEqual({
      available: before.available,
      reserved: before.reserved - 3,
      shipped: before.shipped + 3,
    });
  });

  test.each([
    ["is away", "down"],
    ["hangs", "hang"],
    ["answers 500", "fail500"],
    ["asks for patience", "429"],
    ["answers nonsense", "garbage"],
    ["takes the parcel and answers 500", "fail_after_effect"],
    ["takes the parcel and never answers", "timeout_after_effect"],
  ])("is one parcel when the carrier %s and then recovers", async (_, mode) => {
    const orderId = await reserved();
    await stage.fault("shipping", mode);
    expect((await ship(orderId)).failed).toHaveLength(1);
    expect(await stage.history(orderId)).toEqual(UNTIL_RESERVED);
    expect(await stage.status(orderId)).toBe("reserved");
    expect(await stage.reminders(createShipment)).toMatchObject([{ attempts: 1, type: "inventory.reserved" }]);

    await stage.fault("shipping", "ok");
    await stage.remind(createShipment);
    expect(await stage.parcels(orderId)).toHaveLength(1);
    expect(await stage.history(orderId)).toEqual([...UNTIL_RESERVED, "shipping.created"]);
    expect(await stage.reminders(createShipment)).toEqual([]);
  });

  test("is tried again for as long as the carrier is away", async () => {
    const orderId = await reserved();
    await stage.fault("shipping", "down");
    await ship(orderId);
    for (const attempts of [2, 3, 4]) {
      await stage.remind(createShipment);
      expect(await stage.reminders(createShipment)).toMatchObject([{ attempts }]);
    }
    await stage.fault("shipping", "ok");
    await stage.remind(createShipment);
    expect(await stage.parcels(orderId)).toHaveLength(1);
    expect(await stage.status(orderId)).toBe("shipped");
  });

  test("fails with the carrier's own words when nobody lives at its address; its goods stay set aside", async () => {
    const orderId = await reserved({ sku: "SCALE-01", line1: "UNDELIVERABLE 1" });
    const before = await stockOf("SCALE-01");
    expect((await ship(orderId)).failed).toEqual([]);
    await ship(orderId);
    expect(await stage.history(orderId)).toEqual([...UNTIL_RESERVED, "shipping.failed"]);
    expect(await stage.said(orderId, "shipping.failed")).toMatchObject({ reason: "nobody lives there" });
    expect(await stage.parcels(orderId)).toEqual([]);
    // What a refusal undoes is the saga's to undo.
    expect(await stage.status(orderId)).toBe("reserved");
    expect(await stockOf("SCALE-01")).toEqual(before);
  });

  test("that was cancelled before is never handed over", async () => {
    const orderId = await reserved();
    await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
    expect((await ship(orderId)).failed).toEqual([]);
    expect(await stage.parcels(orderId)).toEqual([]);
    expect(await stage.history(orderId)).toEqual(UNTIL_RESERVED);
  });
});

test("one order of a batch that is refused does not hold the others", async () => {
  const streets = ["Street 1", "UNDELIVERABLE 1", "Street 2"];
  const orders = await Promise.all(streets.map((line1) => reserved({ line1 })));
  const batch = await Promise.all(orders.map((id) => stage.delivery(createShipment, id, "inventory.reserved")));
  const { failed, emitted } = await stage.handle(createShipment, batch);
  expect(failed).toEqual([]);
  const said = emitted.filter(({ topic }) => topic === "order.events");
  expect(said.map(({ key, type }) => [key, type])).toEqual([
    [orders[0], "shipping.created"],
    [orders[1], "shipping.failed"],
    [orders[2], "shipping.created"],
  ]);
});
