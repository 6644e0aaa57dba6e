import { CheckoutRequest } from "#contracts/api/checkout";
import { isApiKey } from "#server/platform/api-key";
import { findViewer, viewerMay } from "#server/platform/auth";
import { Problem } from "#server/platform/problem";
import { guardOrigin, parse, parseJson, requireJson, toProblem } from "#server/platform/route";
import { placeOrder } from "./place-order.ts";

export type CheckoutAnswer = { status: number; headers: Record<string, string>; body: string };

const idempotencyKeyForm = /^[\x21-\x7e]{1,200}$/;

/**
 * `POST /api/v1/orders`, whoever carries it here: the custom server answers it before Next, the route file behind Next.
 * The caller is the storefront with its key, or somebody signed in who may place orders. Never throws.
 */
export async function answerCheckout(headers: Headers, readBody: () => Promise<Buffer>): Promise<CheckoutAnswer> {
  try {
    const caller = await findCaller(headers);
    requireJson(headers.get("content-type"));
    const idempotencyKey = headers.get("idempotency-key") ?? "";
    if (!idempotencyKeyForm.test(idempotencyKey))
      throw new Problem(400, "idempotency_key_missing", "Send an Idempotency-Key of 1 to 200 printable characters.");
    const body = parse(CheckoutRequest, parseJson(await readBody()), "body");
    const { reply, isReplay } = await placeOrder(body, { caller, idempotencyKey });
    return json(201, "application/json", reply, isReplay ? { "idempotent-replayed": "true" } : {});
  } catch (error) {
    const problem = toProblem(error);
    return json(problem.status, "application/problem+json", problem, problem.headers);
  }
}

/** Keys are the caller's own: two callers may use the same one. @throws Problem 401, 403. */
async function findCaller(headers: Headers): Promise<string> {
  const authorization = headers.get("authorization");
  if (isApiKey(authorization)) return "storefront";
  if (authorization) throw new Problem(401, "key_not_valid", "This API key is not valid.");
  const viewer = await findViewer(headers);
  if (!viewer) throw new Problem(401, "not_signed_in", "Send the storefront's API key, or sign in.");
  if (!viewerMay(viewer, "orders:place"))
    throw new Problem(403, "not_allowed", `Your role, ${viewer.role}, may not place orders.`);
  guardOrigin(headers);
  return `user:${viewer.userId}`;
}

const json = (status: number, type: string, body: unknown, headers: Record<string, string>): CheckoutAnswer => ({
  status,
  headers: { "content-type": type, "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});
