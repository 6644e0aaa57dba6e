import type { Metadata } from "next";
import { Suspense } from "react";
import { DeadLettersPanel } from "../_panels/dead-letters/dead-letters-panel.tsx";

export const metadata: Metadata = { title: "Dead letters" };

export default function DeadLettersPage() {
  return (
    <Suspense>
      <DeadLettersPanel />
    </Suspense>
  );
}
