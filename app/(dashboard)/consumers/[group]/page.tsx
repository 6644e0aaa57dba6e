import type { Metadata } from "next";
import { GroupDetailPanel } from "../../_panels/group-detail/group-detail-panel.tsx";

export const metadata: Metadata = { title: "Consumer" };

export default async function ConsumerPage({ params }: { params: Promise<{ group: string }> }) {
  return <GroupDetailPanel group={decodeURIComponent((await params).group)} />;
}
