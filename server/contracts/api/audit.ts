import { z } from "zod";
import { personal } from "../personal.ts";

export const AuditQuery = z.object({
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  operationId: z.uuid().optional(),
  subject: z.string().max(200).optional(),
  stage: z.enum(["intent", "outcome", "denied"]).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** One line of the audit: an intent, its outcome, or an attempt that was denied. */
export const AuditEntry = z.object({
  id: z.int(),
  operationId: z.uuid(),
  occurredAt: z.iso.datetime(),
  actor: personal("email", z.string()),
  role: z.string(),
  action: z.string(),
  stage: z.enum(["intent", "outcome", "denied"]),
  subject: z.string(),
  reason: personal("text", z.string()).nullable(),
  before: personal("withheld", z.unknown()),
  after: personal("withheld", z.unknown()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
export const AuditList = z.object({ entries: z.array(AuditEntry), nextCursor: z.string().nullable() });
export type AuditList = z.infer<typeof AuditList>;
