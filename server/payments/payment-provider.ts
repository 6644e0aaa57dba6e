import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import Stripe from "stripe";
import { Hopeless } from "#server/messaging/worker";
import { env } from "#server/platform/env";
import { processWide } from "#server/platform/process-wide";

/** What to charge, with the key that makes a repeat harmless: it was stored before the first call. */
export type Charge = {
  paymentId: string;
  orderId: string;
  amountCents: number;
  currency: string;
  paymentToken: string;
  /** When the key was stored: the provider forgets keys after a day. */
  createdAt: Date;
};

export type ChargeOutcome = { outcome: "captured"; chargeId: string } | { outcome: "declined"; reason: string };

const TIMEOUT_MS = 5_000;
/**
 * From when on a repeat looks for the order's charge before it asks again, ms. Stripe forgets a key after 24 h, and until then
 * repeats its first answer to it, also a 500 behind which the money was taken. Its search is up to a minute behind.
 * Source: Stripe's API reference, "Idempotent requests" and "Search".
 */
const LOOKED_FOR_AFTER_MS = 90_000;

/**
 * Charges at most once per payment id. An answer that leaves the outcome open (timeout, reset, 5xx, 401, 409, 429) is an
 * error, never a "declined": the caller repeats with the same key.
 * @throws Hopeless when the provider calls the request itself wrong; Stripe's errors otherwise.
 */
export async function charge(ask: Charge): Promise<ChargeOutcome> {
  if (Date.now() - ask.createdAt.getTime() > LOOKED_FOR_AFTER_MS) {
    const earlier = await findCharge(ask.orderId);
    if (earlier) return { outcome: "captured", chargeId: earlier };
  }
  try {
    const intent = await stripe().paymentIntents.create(
      {
        amount: ask.amountCents,
        currency: ask.currency.toLowerCase(),
        confirm: true,
        payment_method: ask.paymentToken,
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        metadata: { order_id: ask.orderId },
      },
      { idempotencyKey: ask.paymentId },
    );
    return await outcomeOf(intent);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError)
      return { outcome: "declined", reason: error.decline_code ?? error.code ?? "card_declined" };
    // A token that was used up, or never was one: nothing can have been charged.
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.param === "payment_method")
      return { outcome: "declined", reason: error.code ?? "payment_method_not_accepted" };
    throw asHopeless(error);
  }
}

/** What only the customer could bring on, who is not there any more. */
const waitsForCustomer: Readonly<Record<string, string>> = {
  requires_action: "authentication_required",
  requires_confirmation: "authentication_required",
  requires_payment_method: "card_declined",
};

/** What became of an intent. One that waits for the customer is ended, so that it can't charge later. */
async function outcomeOf(intent: Stripe.PaymentIntent): Promise<ChargeOutcome> {
  if (intent.status === "succeeded") return { outcome: "captured", chargeId: intent.id };
  if (typeof intent.id !== "string") throw new Error("the provider's answer is not a payment intent");
  // The same key is answered with what was so at first; this is what is so now.
  const now = await stripe().paymentIntents.retrieve(intent.id);
  if (now.status === "succeeded") return { outcome: "captured", chargeId: now.id };
  const waits = waitsForCustomer[now.status];
  if (waits) await stripe().paymentIntents.cancel(now.id);
  if (waits || now.status === "canceled") return { outcome: "declined", reason: waits ?? "canceled" };
  throw new Error(`payment intent is ${now.status}`);
}

/** The captured payment intent of an order, as the provider knows it. */
async function findCharge(orderId: string): Promise<string | null> {
  const found = await stripe().paymentIntents.search({
    query: `metadata['order_id']:'${orderId}' AND status:'succeeded'`,
  });
  return found.data.find((intent) => intent.status === "succeeded" && intent.metadata.order_id === orderId)?.id ?? null;
}

/** Gives money back, at most once per key. @returns the provider's refund id. @throws like `charge`. */
export async function refund(ask: { key: string; chargeId: string; amountCents: number }): Promise<string> {
  try {
    const made = await stripe().refunds.create(
      { payment_intent: ask.chargeId, amount: ask.amountCents },
      { idempotencyKey: ask.key },
    );
    if (typeof made.id !== "string") throw new Error("the provider's answer is not a refund");
    return made.id;
  } catch (error) {
    const earlier = isRefunded(error) ? await findRefund(ask) : null;
    if (earlier) return earlier;
    throw asHopeless(error);
  }
}

/** The money is back already, and the key under which it went is forgotten. */
const isRefunded = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === "charge_already_refunded";

async function findRefund({
  chargeId,
  amountCents,
}: {
  chargeId: string;
  amountCents: number;
}): Promise<string | null> {
  const { data } = await stripe().refunds.list({ payment_intent: chargeId, limit: 100 });
  return (
    data.find(({ amount, status }) => amount === amountCents && status !== "failed" && status !== "canceled")?.id ??
    null
  );
}

/** A key of ours that is refused can be put right: what waits for it comes again. */
const asHopeless = (error: unknown): unknown =>
  error instanceof Stripe.errors.StripeInvalidRequestError
    ? new Hopeless(`the payment provider refuses the request: ${error.message}`)
    : error;

/** One client per process: its connections are kept open between payments. The runtime repeats, the SDK does not. */
const stripe = (): Stripe =>
  processWide("stripe", () => {
    const { STRIPE_SECRET_KEY, STRIPE_API_URL } = env();
    const url = STRIPE_API_URL === undefined ? undefined : new URL(STRIPE_API_URL);
    const isPlain = url?.protocol === "http:";
    return new Stripe(STRIPE_SECRET_KEY, {
      ...(url && {
        host: url.hostname,
        port: Number(url.port) || (isPlain ? 80 : 443),
        protocol: isPlain ? "http" : "https",
      }),
      httpAgent: new (isPlain ? Agent : SecureAgent)({ keepAlive: true, maxSockets: 64 }),
      maxNetworkRetries: 0,
      timeout: TIMEOUT_MS,
      telemetry: false,
    });
  });
