import { SessionInfo } from "#contracts/api/overview";
import { permissions } from "#contracts/permissions";
import { viewerMay } from "#server/platform/auth";
import { env } from "#server/platform/env";
import { seesPersonalData } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  replies: SessionInfo,
  async handle({ viewer }) {
    const { SANDBOX_URL } = env();
    const { name = "", email = "", role = "" } = viewer ?? {};
    return {
      user: { name, email, role },
      permissions: permissions.filter((permission) => viewerMay(viewer, permission)),
      mailUrl: SANDBOX_URL && seesPersonalData(viewer) ? `${SANDBOX_URL}/mail` : null,
    };
  },
});
