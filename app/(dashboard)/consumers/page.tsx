import type { Metadata } from "next";
import { ConsumersPanel } from "../_panels/consumers/consumers-panel.tsx";

export const metadata: Metadata = { title: "Consumers" };

export default function ConsumersPage() {
  return <ConsumersPanel />;
}
