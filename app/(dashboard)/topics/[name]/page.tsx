import type { Metadata } from "next";
import { Suspense } from "react";
import { TopicBrowser } from "../../_panels/topic-browser/topic-browser.tsx";

export const metadata: Metadata = { title: "Topic" };

export default async function TopicPage({ params }: { params: Promise<{ name: string }> }) {
  return (
    <Suspense>
      <TopicBrowser topic={decodeURIComponent((await params).name)} />
    </Suspense>
  );
}
