import type { Metadata } from "next";
import { DrillsPanel } from "../_panels/drills/drills-panel.tsx";

export const metadata: Metadata = { title: "Drills" };

export default function DrillsPage() {
  return <DrillsPanel />;
}
