import type { Metadata } from "next";
import { PartnersPanel } from "../_panels/partners/partners-panel.tsx";

export const metadata: Metadata = { title: "Partners" };

export default function PartnersPage() {
  return <PartnersPanel />;
}
