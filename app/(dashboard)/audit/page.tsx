import type { Metadata } from "next";
import { Suspense } from "react";
import { AuditPanel } from "../_panels/audit/audit-panel.tsx";

export const metadata: Metadata = { title: "Audit" };

export default function AuditPage() {
  return (
    <Suspense>
      <AuditPanel />
    </Suspense>
  );
}
