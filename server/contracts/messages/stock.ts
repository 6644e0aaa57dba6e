import { z } from "zod";
import { event } from "../message.ts";
import { personal } from "../personal.ts";

const reservedLine = z.object({ sku: z.string(), quantity: z.int().positive() });

/** Every line of the order is set aside for it. */
export const inventoryReserved = event("inventory.reserved", { version: 1, body: { lines: z.array(reservedLine) } });

/** At least one line can't be had; nothing was set aside. */
export const inventoryRejected = event("inventory.rejected", {
  version: 1,
  body: {
    missing: z.array(reservedLine.extend({ available: z.int().nonnegative() })),
    reason: personal("text", z.string()),
  },
});

/** What was set aside is for sale again. */
export const inventoryReleased = event("inventory.released", {
  version: 1,
  terminal: true,
  body: { lines: z.array(reservedLine) },
});

/** The body on topic `inventory.updated` (key = SKU): the level after the latest movement, for other teams. */
export const InventoryUpdated = z.object({
  sku: z.string(),
  available: z.int().nonnegative(),
  reserved: z.int().nonnegative(),
  version: z.int().nonnegative(),
});
export type InventoryUpdated = z.infer<typeof InventoryUpdated>;
