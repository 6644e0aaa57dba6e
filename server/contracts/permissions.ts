import type { Role } from "./vocabulary.ts";

/** Everything somebody may be allowed to do. A route names one of them, or says `public`. */
export const permissions = ["orders:read", "orders:place", "generator:control", "users:manage"] as const;
export type Permission = (typeof permissions)[number];

/** Who may do what; each role has what the one before it has. */
export const permissionsByRole: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ["orders:read"],
  operator: ["orders:read", "orders:place", "generator:control"],
  lead: ["orders:read", "orders:place", "generator:control"],
  admin: permissions,
};

export const mayDo = (role: string, permission: Permission): boolean =>
  (permissionsByRole[role as Role] ?? []).includes(permission);
