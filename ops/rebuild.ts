import { findServices } from "./prepare.ts";
import { demoPorts, demoSettings } from "./settings.ts";

/* `npm run rebuild`: drops the order views and makes them again from the history. Orders go on meanwhile. */

if (!process.env.DATABASE_URL)
  Object.assign(process.env, demoSettings(await findServices(1, "order_pipeline"), demoPorts));
const { rebuildOrderViews } = await import("#server/orders/project-orders");
const { closeDatabase } = await import("#server/platform/db");
console.log(`${await rebuildOrderViews()} events replayed.`);
await closeDatabase();
