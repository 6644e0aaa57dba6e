import type { Metadata } from "next";
import { Suspense } from "react";
import { TopicsPanel } from "../_panels/topics/topics-panel.tsx";

export const metadata: Metadata = { title: "Topics" };

export default function TopicsPage() {
  return (
    <Suspense>
      <TopicsPanel />
    </Suspense>
  );
}
