import type { Metadata } from "next";
import { Suspense } from "react";
import { CausePanel } from "../../../_panels/causes/cause-panel.tsx";

export const metadata: Metadata = { title: "Cause" };

export default async function CausePage({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <CausePanel groupId={(await params).id} />
    </Suspense>
  );
}
