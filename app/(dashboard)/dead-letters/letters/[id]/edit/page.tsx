import type { Metadata } from "next";
import { LetterEditPanel } from "../../../../_panels/letter-edit/letter-edit-panel.tsx";

export const metadata: Metadata = { title: "Edit a dead letter" };

export default async function LetterEditPage({ params }: { params: Promise<{ id: string }> }) {
  return <LetterEditPanel letterId={(await params).id} />;
}
