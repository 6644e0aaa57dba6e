import { Suspense } from "react";
import { OverviewPanels } from "./_panels/overview/overview-panels.tsx";

export default function OverviewPage() {
  return (
    <Suspense>
      <OverviewPanels />
    </Suspense>
  );
}
