import type { Metadata } from "next";
import { LetterPanel } from "../../../_panels/letter-detail/letter-panel.tsx";

export const metadata: Metadata = { title: "Dead letter" };

export default async function LetterPage({ params }: { params: Promise<{ id: string }> }) {
  return <LetterPanel letterId={(await params).id} />;
}
