import type { Metadata } from "next";
import { RunPanel } from "../../../_panels/replay-run/run-panel.tsx";

export const metadata: Metadata = { title: "Run" };

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  return <RunPanel runId={(await params).id} />;
}
