import { MAX_BODY_BYTES, tooLarge } from "#server/platform/route";
import { answerCheckout } from "./checkout.ts";

/** Checkout behind Next: the same handler as before it. Its permission (`orders:place` or the storefront's key) is its own. */
export const checkoutRoute =
  () =>
  async (request: Request): Promise<Response> => {
    const { status, headers, body } = await answerCheckout(request.headers, async () => {
      const bytes = Buffer.from(await request.arrayBuffer());
      if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
      return bytes;
    });
    return new Response(body, { status, headers });
  };
