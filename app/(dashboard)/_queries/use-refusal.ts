"use client";

import { useQuery } from "@tanstack/react-query";
import type { Permission } from "#contracts/permissions";
import { sessionQuery } from "./session.ts";

/** Why I may not do this, in one sentence; null = I may. The server checks again. */
export function useRefusal(permission: Permission): string | null {
  const session = useQuery(sessionQuery).data;
  if (!session) return "Your role is not known yet.";
  if (session.permissions.includes(permission)) return null;
  return `Your role, ${session.user.role}, may not do this.`;
}
