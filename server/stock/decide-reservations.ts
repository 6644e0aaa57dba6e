export type Line = { sku: string; quantity: number };
export type Wish = { orderId: string; lines: readonly Line[] };
export type Missing = Line & { available: number };

export type Decision = {
  reserved: Wish[];
  rejected: { orderId: string; missing: Missing[] }[];
  /** Pieces taken per SKU. */
  taken: Map<string, number>;
};

/**
 * Decides a batch of wishes in the order of their arrival: an order gets all its lines or nothing, and what it does not
 * get is there for the next one. Pure.
 * @param available pieces per SKU; a SKU that is not in it has none.
 */
export function decideReservations(available: ReadonlyMap<string, number>, wishes: readonly Wish[]): Decision {
  const left = new Map(available);
  const decision: Decision = { reserved: [], rejected: [], taken: new Map() };
  for (const wish of wishes) {
    const lines = summed(wish.lines);
    const missing = lines
      .map((line) => ({ ...line, available: left.get(line.sku) ?? 0 }))
      .filter((line) => line.quantity > line.available);
    if (missing.length > 0) {
      decision.rejected.push({ orderId: wish.orderId, missing });
      continue;
    }
    for (const { sku, quantity } of lines) {
      left.set(sku, left.get(sku)! - quantity);
      decision.taken.set(sku, (decision.taken.get(sku) ?? 0) + quantity);
    }
    decision.reserved.push({ orderId: wish.orderId, lines });
  }
  return decision;
}

/** One line per SKU: an order that names a SKU twice wants the sum. */
function summed(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
