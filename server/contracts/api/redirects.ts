import { z } from "zod";
import { personal } from "../personal.ts";
import { ReplayTarget } from "./replays.ts";

/** A standing redirect: what is replayed to `from` goes to `target` until it expires. For a `url`, the new URL. */
export const RedirectTarget = z.union([ReplayTarget, z.object({ kind: z.literal("url"), url: z.url().max(2_000) })]);
export type RedirectTarget = z.infer<typeof RedirectTarget>;

export const RedirectRequest = z.object({
  fromKind: z.enum(["queue", "topic", "url"]),
  fromName: z.string().min(1).max(2_000),
  target: RedirectTarget,
  reason: z.string().trim().min(3).max(2_000),
  /** At most 90 days. */
  expiresInMs: z
    .int()
    .min(60_000)
    .max(90 * 24 * 3_600_000),
});
export type RedirectRequest = z.infer<typeof RedirectRequest>;

export const Redirect = z.object({
  redirectId: z.uuid(),
  fromKind: z.enum(["queue", "topic", "url"]),
  fromName: z.string(),
  target: RedirectTarget,
  reason: personal("text", z.string()),
  isActive: z.boolean(),
  createdBy: personal("email", z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Redirect = z.infer<typeof Redirect>;
export const RedirectList = z.object({ redirects: z.array(Redirect) });

/** A partner's webhook endpoint, with what waits for it. */
export const EndpointRow = z.object({
  id: z.uuid(),
  partner: z.string(),
  url: z.string(),
  factTypes: z.array(z.string()),
  isActive: z.boolean(),
  deliveredLastDay: z.int(),
  lastDeliveredAt: z.iso.datetime().nullable(),
  deadLetters: z.int(),
});
export type EndpointRow = z.infer<typeof EndpointRow>;
export const EndpointList = z.object({ endpoints: z.array(EndpointRow) });
/** The partner moved: everything for this endpoint, also what is replayed, goes to the new URL from now on. */
export const UrlCorrection = z.object({ url: z.url().max(2_000), reason: z.string().trim().min(3).max(2_000) });
export type UrlCorrection = z.infer<typeof UrlCorrection>;
