import type { Metadata } from "next";
import { Suspense } from "react";
import { QueuesPanel } from "../_panels/queues/queues-panel.tsx";

export const metadata: Metadata = { title: "Queues" };

export default function QueuesPage() {
  return (
    <Suspense>
      <QueuesPanel />
    </Suspense>
  );
}
