import { z } from "zod";
import { ShippingAddress } from "../messages/orders.ts";

const line = z.string().trim().max(200);

/** Cards of the demo, by what becomes of them. */
export const demoCards = {
  ok: "pm_card_visa",
  declined: "pm_card_chargeDeclined",
  insufficient: "pm_card_chargeDeclinedInsufficientFunds",
} as const;

/**
 * What a customer may say: goods and quantities, never a price. What is not named here is ignored. The e-mail address is
 * the one in our database.
 */
export const CheckoutRequest = z
  .object({
    customerId: z.uuid(),
    lines: z
      .array(z.object({ sku: z.string().min(1).max(64), quantity: z.int().min(1).max(999) }))
      .min(1)
      .max(100),
    paymentMethod: z.enum(["prepaid", "cod"]),
    /** The provider's token of the card, from the storefront's card form. */
    paymentToken: z
      .string()
      .regex(/^pm_[A-Za-z0-9_]{1,120}$/)
      .optional(),
    /** Instead of a token: a card of the demo. Refused without the sandbox. */
    card: z.enum(["ok", "declined", "insufficient"]).optional(),
    shippingAddress: ShippingAddress.extend({
      name: line.min(1),
      line1: line.min(1),
      line2: line.optional(),
      postalCode: z.string().trim().min(1).max(20),
      city: line.min(1),
      country: z.string().regex(/^[A-Z]{2}$/),
    }),
    express: z.boolean().default(false),
    isTest: z.boolean().default(false),
  })
  .refine((body) => body.paymentMethod === "cod" || body.paymentToken || body.card, {
    error: "a prepaid order needs a paymentToken",
    path: ["paymentToken"],
  });
export type CheckoutRequest = z.infer<typeof CheckoutRequest>;

export const CheckoutReply = z.object({ orderId: z.uuid(), status: z.literal("pending") });
export type CheckoutReply = z.infer<typeof CheckoutReply>;
