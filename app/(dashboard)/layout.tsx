import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { findViewer } from "#server/platform/auth";
import { Shell } from "./_ui/shell.tsx";

/** The frame of all pages behind the sign-in. Each route checks the viewer itself; this only saves a stranger the way. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const viewer = await findViewer(await headers());
  if (!viewer) redirect("/sign-in");
  return <Shell>{children}</Shell>;
}
