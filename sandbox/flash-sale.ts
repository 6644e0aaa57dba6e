import { z } from "zod";

/** So many orders a minute for so many minutes; null = stop the one that runs. */
export const FlashSaleRequest = z
  .object({ ratePerMinute: z.int().min(1).max(6_000), minutes: z.number().min(0.1).max(60) })
  .nullable();

export type FlashSale = {
  isRunning: boolean;
  ratePerMinute: number;
  /** Orders in all. */
  total: number;
  placed: number;
  refused: number;
  startedAt: string;
};

const TICK_MS = 50;
/** A shop that answers slowly gets no more than so many at a time; the rest comes later. */
const MAX_IN_FLIGHT = 200;

/** Places orders at an even pace until all are out or somebody stops it. One at a time. */
export function createFlashSale(placeOne: () => Promise<unknown>) {
  let sale: FlashSale | null = null;
  let timer: NodeJS.Timeout | undefined;

  const stop = () => {
    clearInterval(timer);
    if (sale) sale.isRunning = false;
  };
  const start = ({ ratePerMinute, minutes }: NonNullable<z.infer<typeof FlashSaleRequest>>) => {
    stop();
    const mine: FlashSale = {
      ...{ isRunning: true, ratePerMinute, placed: 0, refused: 0 },
      total: Math.max(1, Math.round(ratePerMinute * minutes)),
      startedAt: new Date().toISOString(),
    };
    sale = mine;
    const startedMs = performance.now();
    let begun = 0;
    timer = setInterval(() => {
      const due = Math.min(mine.total, Math.ceil(((performance.now() - startedMs) / 60_000) * ratePerMinute));
      while (begun < due && begun - mine.placed - mine.refused < MAX_IN_FLIGHT) {
        begun += 1;
        placeOne()
          .then(
            () => (mine.placed += 1),
            () => (mine.refused += 1),
          )
          .finally(() => {
            if (mine.placed + mine.refused === mine.total && sale === mine) stop();
          });
      }
    }, TICK_MS).unref();
  };
  return {
    tell: (wanted: z.infer<typeof FlashSaleRequest>) => (wanted ? start(wanted) : stop()),
    state: () => sale,
    stop,
  };
}
