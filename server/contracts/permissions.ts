import type { Role } from "./vocabulary.ts";

/** Everything somebody may be allowed to do. A route names one of them, or says `public`. */
export const permissions = [
  "orders:read",
  "dead-letters:read",
  /** Customers' names, addresses and e-mail, bodies of messages, documents: without it they are masked or refused. */
  "personal-data:read",
  "orders:place",
  "generator:control",
  /** One letter at a time. */
  "dead-letters:replay",
  "audit:read",
  /** Several letters in one act; groups, archive, purge. */
  "dead-letters:bulk",
  "dead-letters:edit",
  "dead-letters:redirect",
  "partners:manage",
  /** Pause and resume workers, reset offsets. */
  "workers:control",
  /** Break and heal the demo's outside systems. */
  "drills:control",
  "alerts:acknowledge",
  "alerts:manage",
  "users:manage",
] as const;
export type Permission = (typeof permissions)[number];

const viewer = ["orders:read", "dead-letters:read"] as const;
const operator = [
  ...viewer,
  "personal-data:read",
  "orders:place",
  "generator:control",
  "dead-letters:replay",
  "audit:read",
  "alerts:acknowledge",
] as const;
const lead = [
  ...operator,
  "dead-letters:bulk",
  "dead-letters:edit",
  "dead-letters:redirect",
  "partners:manage",
  "workers:control",
  "drills:control",
  "alerts:manage",
] as const;

/** Who may do what; each role has what the one before it has. */
export const permissionsByRole: Readonly<Record<Role, readonly Permission[]>> = {
  viewer,
  operator,
  lead,
  admin: permissions,
};

export const mayDo = (role: string, permission: Permission): boolean =>
  (permissionsByRole[role as Role] ?? []).includes(permission);
