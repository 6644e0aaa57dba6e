"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";

type Leaving = () => void;

/** Whoever holds something unsaved is asked before the page is left. */
let ask: ((leave: Leaving) => void) | null = null;

/** Leaves the page by `leave`: at once, or when whoever holds something unsaved on it has agreed. */
export const leaveBy = (leave: Leaving): void => (ask ? ask(leave) : leave());

/** Where a click on a link leads within this product; null = it does not leave the page. */
function leadsTo(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href || (link.target !== "" && link.target !== "_self") || link.hasAttribute("download")) return null;
  if (link.origin !== location.origin) return null;
  const isHere = link.pathname === location.pathname && link.search === location.search;
  return isHere ? null : link.pathname + link.search + link.hash;
}

/**
 * While something is unsaved, a link, a key, the browser's Back and the closing of the tab are asked about first.
 * @returns how somebody wants to leave; null = nobody does.
 */
export function useUnsaved(isUnsaved: boolean): { leaving: Leaving | null; stay(): void } {
  const router = useRouter();
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const hasEntry = useRef(false);

  useEffect(() => {
    if (!isUnsaved) return;
    const asked = (leave: Leaving) => setLeaving(() => leave);
    ask = asked;
    // A second entry of this page: Back then stays on it, and can be asked about.
    const holdEntry = () => {
      history.pushState(history.state, "", location.href);
      hasEntry.current = true;
    };
    if (!hasEntry.current) holdEntry();
    const onClick = (event: MouseEvent) => {
      const href = leadsTo(event);
      if (href === null) return;
      event.preventDefault();
      event.stopPropagation();
      asked(() => router.push(href));
    };
    const onBack = () => {
      holdEntry();
      asked(() => history.go(-2));
    };
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    document.addEventListener("click", onClick, { capture: true });
    window.addEventListener("popstate", onBack);
    window.addEventListener("beforeunload", onUnload);
    return () => {
      if (ask === asked) ask = null;
      document.removeEventListener("click", onClick, { capture: true });
      window.removeEventListener("popstate", onBack);
      window.removeEventListener("beforeunload", onUnload);
    };
  }, [isUnsaved, router]);

  return { leaving, stay: () => setLeaving(null) };
}
