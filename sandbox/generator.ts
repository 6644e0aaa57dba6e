import { randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import { createFlashSale, FlashSaleRequest } from "./flash-sale.ts";
import type { Routes } from "./http.ts";

const Settings = z.object({
  running: z.boolean().optional(),
  ratePerSecond: z.number().min(0.1).max(100).optional(),
  flashSale: FlashSaleRequest.optional(),
});

const Catalogue = z.object({
  products: z.array(z.object({ sku: z.string() })),
  customers: z.array(z.object({ id: z.string(), name: z.string(), country: z.string() })),
});
type Catalogue = z.infer<typeof Catalogue>;

const MAX_IN_FLIGHT = 20;
const BACK_OFF_MS = 5_000;

export type Shop = { url: string; apiKey: string };

/** Places made-up orders at the shop, like customers would: most are fine, some cards are declined, some streets don't exist. */
export function createGenerator(
  shop: Shop | undefined,
  ratePerSecond = 2,
): { routes: Routes; start(): void; stop(): void } {
  let rate = ratePerSecond;
  let timer: NodeJS.Timeout | undefined;
  let inFlight = 0;
  let placed = 0;
  let refused = 0;
  let catalogue: Catalogue | undefined;
  const running = () => timer !== undefined;

  const schedule = (delayMs: number) => {
    timer = setTimeout(tick, delayMs).unref();
  };
  // Open loop: the next order does not wait for the last one's answer, as customers don't wait for each other.
  const tick = () => {
    let nextMs = -Math.log(1 - Math.random()) * (1000 / rate);
    if (inFlight < MAX_IN_FLIGHT) void placeOne();
    else nextMs = BACK_OFF_MS;
    schedule(nextMs);
  };
  const order = async ({ isTest }: { isTest: boolean }) => {
    if (!shop) throw new Error("there is no shop");
    catalogue ??= Catalogue.parse(await call(shop, "GET", "/api/v1/catalogue"));
    await call(shop, "POST", "/api/v1/orders", { ...makeOrder(catalogue), isTest });
  };
  // A rehearsal: its orders are told apart and count as no money.
  const flashSale = createFlashSale(() => order({ isTest: true }));
  const placeOne = async () => {
    inFlight += 1;
    try {
      await order({ isTest: false });
      placed += 1;
    } catch {
      refused += 1;
      if (running()) {
        clearTimeout(timer);
        schedule(BACK_OFF_MS);
      }
    } finally {
      inFlight -= 1;
    }
  };
  const start = () => {
    if (shop && !running()) schedule(0);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const state = () => ({
    ...{ running: running(), ratePerSecond: rate, placed, refused },
    flashSale: flashSale.state(),
  });

  return {
    start,
    stop() {
      stop();
      flashSale.stop();
    },
    routes: {
      "GET /control/generator": () => ({ status: 200, body: state() }),
      "PUT /control/generator": ({ body }) => {
        const wanted = Settings.parse(body);
        rate = wanted.ratePerSecond ?? rate;
        if (wanted.running === true) start();
        if (wanted.running === false) stop();
        if (wanted.flashSale !== undefined && shop) flashSale.tell(wanted.flashSale);
        return { status: 200, body: state() };
      },
    },
  };
}

async function call(shop: Shop, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${shop.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${shop.apiKey}`,
      ...(body ? { "content-type": "application/json", "idempotency-key": randomUUID() } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`the shop answered ${answer.status}`);
  return answer.json();
}

const chance = (percent: number) => Math.random() * 100 < percent;
const pick = <Item>(items: readonly Item[]): Item => items[randomInt(items.length)]!;

const cities: Record<string, [postalCode: string, city: string]> = {
  AT: ["1070", "Wien"],
  CZ: ["110 00", "Praha"],
  DE: ["10115", "Berlin"],
  FI: ["00100", "Helsinki"],
  FR: ["75011", "Paris"],
  IT: ["20121", "Milano"],
  NL: ["1012 AB", "Amsterdam"],
  PL: ["00-001", "Warszawa"],
  PT: ["1100-148", "Lisboa"],
  SE: ["111 20", "Stockholm"],
};

/** One order: 3 % declined cards, 2 % impossible addresses, 15 % cash on delivery, 10 % express. */
export function makeOrder({ products, customers }: Catalogue) {
  const forSale = products.filter(({ sku }) => sku !== "SOLD-OUT");
  const customer = pick(customers);
  const [postalCode, city] = cities[customer.country] ?? ["10115", "Berlin"];
  const lines = [...new Set(Array.from({ length: randomInt(1, 4) }, () => pick(forSale).sku))];
  return {
    customerId: customer.id,
    lines: lines.map((sku) => ({ sku, quantity: randomInt(1, 4) })),
    paymentMethod: chance(15) ? "cod" : "prepaid",
    shippingAddress: {
      name: customer.name,
      line1: `${pick(["Market Street", "Station Road", "Garden Lane"])} ${randomInt(1, 120)}`,
      postalCode: chance(2) ? "nowhere" : postalCode,
      city,
      country: customer.country,
    },
    express: chance(10),
    card: chance(3) ? "declined" : "ok",
  };
}
