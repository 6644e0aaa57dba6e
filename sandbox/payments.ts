import { createHash, randomUUID } from "node:crypto";
import type { Faults } from "./faults.ts";
import type { Answer, Call, Handler, Routes } from "./http.ts";
import { openJournal } from "./journal.ts";

/*
 * The part of Stripe's HTTP protocol that a shop needs, spoken so that the real SDK is at home: payment intents,
 * refunds, idempotency keys, declined cards. Its ledger is its own; nobody else can write it.
 */

type Intent = {
  id: string;
  orderId: string;
  amount: number;
  currency: string;
  paymentMethod: string;
  status: "succeeded" | "requires_payment_method" | "requires_action" | "canceled";
  created: number;
};
type Refund = { id: string; intentId: string; amount: number; created: number };
type Entry =
  | { kind: "intent"; intent: Intent }
  | { kind: "refund"; refund: Refund }
  | { kind: "answer"; key: string; hash: string; answer: Answer };

/** Cards that are refused, by payment method, with Stripe's decline code. */
const declines: Record<string, string> = {
  pm_card_chargeDeclined: "generic_decline",
  pm_card_visa_chargeDeclined: "generic_decline",
  pm_card_chargeDeclinedInsufficientFunds: "insufficient_funds",
  pm_card_visa_chargeDeclinedInsufficientFunds: "insufficient_funds",
};
/** Wants its customer to confirm the payment. */
const ASKS_ITS_CUSTOMER = "pm_card_authenticationRequired";
/** Was used up by an earlier payment. */
const USED_UP = "pm_used_up";

export function createPayments(faults: Faults, ledgerPath?: string): { routes: Routes } {
  const journal = openJournal<Entry>(ledgerPath);
  const intents = new Map<string, Intent>();
  const refunds = new Map<string, Refund[]>();
  const answers = new Map<string, { hash: string; answer: Answer }>();
  const byOrder = new Map<string, Intent[]>();
  const remember = (entry: Entry) => {
    if (entry.kind === "intent") {
      const { id, orderId } = entry.intent;
      intents.set(id, entry.intent);
      byOrder.set(orderId, [...(byOrder.get(orderId) ?? []).filter((one) => one.id !== id), entry.intent]);
    } else if (entry.kind === "refund")
      refunds.set(entry.refund.intentId, [...(refunds.get(entry.refund.intentId) ?? []), entry.refund]);
    else answers.set(entry.key, entry);
  };
  for (const entry of journal.entries) remember(entry);
  const add = (entry: Entry) => {
    journal.add(entry);
    remember(entry);
  };

  /** The same key and parameters get the stored answer; the same key with others is an error. */
  const idempotent =
    (handler: Handler): Handler =>
    async (call) => {
      const key = call.request.headers["idempotency-key"];
      if (typeof key !== "string") return handler(call);
      const hash = createHash("sha256").update(call.raw).digest("hex");
      const stored = answers.get(key);
      if (stored && stored.hash !== hash)
        return fault(400, {
          type: "idempotency_error",
          message: "Keys for idempotent requests can only be used with the same parameters.",
        });
      if (stored) return { ...stored.answer, headers: { ...stored.answer.headers, "idempotent-replayed": "true" } };
      const answer = await handler(call);
      if (answer !== "destroy" && answer.status < 500) add({ kind: "answer", key, hash, answer });
      return answer;
    };

  const create = ({ body }: Call): Answer => {
    const amount = Number(body.amount);
    if (!Number.isSafeInteger(amount) || amount < 1)
      return fault(400, { type: "invalid_request_error", param: "amount", message: "Invalid positive integer" });
    const paymentMethod = String(body.payment_method ?? "pm_card_visa");
    if (paymentMethod === USED_UP)
      return fault(400, {
        type: "invalid_request_error",
        param: "payment_method",
        message: "The provided PaymentMethod was previously used and may not be used again.",
      });
    const declined = faults.draw("payments").mode === "decline" ? "generic_decline" : declines[paymentMethod];
    const intent: Intent = {
      id: `pi_${randomUUID().replaceAll("-", "")}`,
      orderId: String(body["metadata[order_id]"] ?? ""),
      amount,
      currency: String(body.currency ?? "eur"),
      paymentMethod,
      status: declined
        ? "requires_payment_method"
        : paymentMethod === ASKS_ITS_CUSTOMER
          ? "requires_action"
          : "succeeded",
      created: Math.floor(Date.now() / 1000),
    };
    add({ kind: "intent", intent });
    if (!declined) return { status: 200, body: show(intent) };
    return fault(402, {
      type: "card_error",
      code: "card_declined",
      decline_code: declined,
      message: declined === "insufficient_funds" ? "Your card has insufficient funds." : "Your card was declined.",
      payment_intent: show(intent),
    });
  };

  const refund = ({ body }: Call): Answer => {
    const intent = intents.get(String(body.payment_intent));
    if (intent?.status !== "succeeded")
      return fault(404, {
        type: "invalid_request_error",
        code: "resource_missing",
        message: "No such captured payment_intent",
      });
    const back = (refunds.get(intent.id) ?? []).reduce((sum, one) => sum + one.amount, 0);
    const amount = body.amount === undefined ? intent.amount - back : Number(body.amount);
    if (!Number.isSafeInteger(amount) || amount < 1 || back + amount > intent.amount)
      return fault(400, {
        type: "invalid_request_error",
        code: "charge_already_refunded",
        message: "More than was captured can't go back.",
      });
    const made: Refund = {
      id: `re_${randomUUID().replaceAll("-", "")}`,
      intentId: intent.id,
      amount,
      created: Math.floor(Date.now() / 1000),
    };
    add({ kind: "refund", refund: made });
    return { status: 200, body: showRefund(made, intent) };
  };

  const listRefunds = ({ url }: Call): Answer => {
    const intent = intents.get(url.searchParams.get("payment_intent") ?? "");
    const data = intent ? (refunds.get(intent.id) ?? []).map((one) => showRefund(one, intent)) : [];
    return { status: 200, body: { object: "list", url: url.pathname, has_more: false, data } };
  };

  const cancel = ({ params }: Call): Answer => {
    const intent = intents.get(params.id!);
    if (!intent?.status.startsWith("requires_"))
      return fault(400, {
        type: "invalid_request_error",
        code: "payment_intent_unexpected_state",
        message: `It is ${intent?.status ?? "not there"}.`,
      });
    add({ kind: "intent", intent: { ...intent, status: "canceled" } });
    return { status: 200, body: show(intents.get(intent.id)!) };
  };

  const search = ({ url }: Call): Answer => {
    const orderId =
      /metadata\[['"]order_id['"]\]:['"]([^'"]+)['"]/.exec(url.searchParams.get("query") ?? "")?.[1] ?? "";
    const data = (byOrder.get(orderId) ?? []).map(show);
    return { status: 200, body: { object: "search_result", url: url.pathname, has_more: false, data } };
  };

  const read = ({ params }: Call): Answer => {
    const intent = intents.get(params.id!);
    return intent
      ? { status: 200, body: show(intent) }
      : fault(404, { type: "invalid_request_error", code: "resource_missing", message: "No such payment_intent" });
  };

  return {
    routes: {
      "POST /v1/payment_intents": faults.around("payments", idempotent(create)),
      "GET /v1/payment_intents/search": faults.around("payments", search),
      "GET /v1/payment_intents/:id": faults.around("payments", read),
      "POST /v1/payment_intents/:id/cancel": faults.around("payments", cancel),
      "GET /v1/refunds": faults.around("payments", listRefunds),
      "POST /v1/refunds": faults.around("payments", idempotent(refund)),
      "GET /api/ledger/payments": () => ({
        status: 200,
        body: [...intents.values()].map((intent) => line(intent, refunds.get(intent.id) ?? [])),
      }),
    },
  };
}

/** A payment as the ledger tells it; amounts in cents. */
const line = (intent: Intent, back: Refund[]) => ({
  id: intent.id,
  orderId: intent.orderId,
  status: intent.status,
  capturedCents: intent.status === "succeeded" ? intent.amount : 0,
  refundedCents: back.reduce((sum, one) => sum + one.amount, 0),
  refunds: back.length,
});

const show = (intent: Intent) => ({
  id: intent.id,
  object: "payment_intent",
  amount: intent.amount,
  amount_received: intent.status === "succeeded" ? intent.amount : 0,
  currency: intent.currency,
  status: intent.status,
  payment_method: intent.paymentMethod,
  metadata: { order_id: intent.orderId },
  latest_charge: intent.status === "succeeded" ? intent.id.replace("pi_", "ch_") : null,
  created: intent.created,
  livemode: false,
});

const showRefund = ({ id, amount, created }: Refund, { id: payment_intent, currency }: Intent) => ({
  ...{ id, object: "refund", amount, currency, payment_intent, status: "succeeded", created },
});

const fault = (status: number, error: Record<string, unknown>): Answer => ({ status, body: { error } });
