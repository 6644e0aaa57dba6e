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
/** Stripe keeps idempotency keys for 24 h; an older key would charge again. */
const KEY_LIFE_MS = 23 * 3_600_000;

/**
 * Charges at most once per payment id. An answer that leaves the outcome open (timeout, reset, 5xx, 409, 429) is an
 * error, never a "declined": the caller repeats with the same key.
 * @throws Hopeless when the provider calls the request itself wrong; Stripe's errors otherwise.
 */
export async function charge(ask: Charge): Promise<ChargeOutcome> {
  if (Date.now() - ask.createdAt.getTime() > KEY_LIFE_MS) {
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
    if (intent.status !== "succeeded")
      throw new Error(`payment intent is ${intent.status ?? "not what was asked for"}`);
    return { outcome: "captured", chargeId: intent.id };
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError)
      return { outcome: "declined", reason: error.decline_code ?? error.code ?? "card_declined" };
    throw asHopeless(error);
  }
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
    throw asHopeless(error);
  }
}

function asHopeless(error: unknown): unknown {
  const isWrong =
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripeAuthenticationError;
  return isWrong ? new Hopeless(`the payment provider refuses the request: ${error.message}`) : error;
}

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
