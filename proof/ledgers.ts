/**
 * What the checker reads once everything is quiet: our database, and the outside systems' OWN books. Never a counter of
 * ours: a system that judges itself finds itself innocent.
 */
export type Ledgers = {
  /** Order ids that a client got a 201 for. */
  accepted: readonly string[];
  orders: readonly {
    id: string;
    status: string;
    paymentMethod: string;
    totalCents: number;
    lastSeq: number;
    email: string;
    /** The status the dashboard shows; null = the projection has no such order. */
    shownStatus: string | null;
  }[];
  /** All events of all orders, by order and seq. */
  events: readonly { orderId: string; seq: number; type: string; isSent: boolean }[];
  payments: readonly { orderId: string; status: string; amountCents: number; chargeId: string | null }[];
  /** Signed sum of the double-entry rows per payment and currency, cents. */
  ledgerSums: readonly { paymentId: string; currency: string; sumCents: number }[];
  stock: readonly { sku: string; initial: number; available: number; reserved: number; shipped: number }[];
  reservations: readonly { orderId: string; sku: string; quantity: number; status: string }[];
  /** Given invoice numbers. */
  invoiceNumbers: readonly number[];
  /** Messages that still wait in PostgreSQL for another attempt (notes to oneself not counted). */
  waitingRetries: number;
  provider: {
    charges: readonly { id: string; orderId: string; capturedCents: number; refundedCents: number; refunds: number }[];
    parcels: readonly { orderId: string }[];
    mails: readonly { orderId: string; kind: string; messageId: string; recipients: readonly string[] }[];
  };
};

/** A promise that was not kept, and for which order, SKU or message. */
export type Violation = { rule: string; detail: string };
