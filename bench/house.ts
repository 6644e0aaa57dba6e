import type pg from "pg";
import type { Stack } from "../ops/stack.ts";
import type { createShopper } from "./load.ts";
import type { Metric } from "./report.ts";

/** What a part of the benchmark works with. */
export type House = {
  /** Where the product's pages are. */
  url: string;
  start(serverArgs?: string[]): Promise<Stack>;
  /** The benchmark's database, as its owner. */
  pool: pg.Pool;
  shopperOf(connections: number): ReturnType<typeof createShopper>;
  add(metric: Metric): void;
  /** A sentence for people, beside the figures. */
  say(sentence: string): void;
};
