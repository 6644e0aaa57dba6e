import type { Metadata } from "next";
import { AlertsPanel } from "../_panels/alerts/alerts-panel.tsx";

export const metadata: Metadata = { title: "Alerts" };

export default function AlertsPage() {
  return <AlertsPanel />;
}
