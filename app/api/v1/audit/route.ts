import { AuditList, AuditQuery } from "#contracts/api/audit";
import { listAudit } from "#server/platform/audit-queries";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "audit:read",
  query: AuditQuery,
  replies: AuditList,
  handle: ({ query }) => listAudit(query),
});
