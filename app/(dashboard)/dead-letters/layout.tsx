import type { ReactNode } from "react";
import { LettersLive } from "../_panels/letters-live/letters-live.tsx";
import { RedirectBanner } from "../_panels/redirect-banner/redirect-banner.tsx";

/** Every page of dead letters is live, and says so while a standing redirect is active. */
export default function DeadLettersLayout({ children }: { children: ReactNode }) {
  return (
    <LettersLive>
      <RedirectBanner />
      {children}
    </LettersLive>
  );
}
