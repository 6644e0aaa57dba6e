"use client";

import { useCallback, useEffect, useState } from "react";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { type Chosen, fromUrl, nothing, toggle, toUrl } from "./prepare-selection.ts";

/** The URL follows so long after the last key: browsers refuse to have it changed at every stroke, ms. */
const URL_AFTER_MS = 300;

/** The chosen letters and the active one: on the screen at once, in the URL a moment later. */
export function useChosen() {
  const { params, change } = useUrlState();
  const [chosen, setChosen] = useState<Chosen>(() => fromUrl(params.get("selected")));
  const [active, setActive] = useState<string | null>(() => params.get("at"));
  const flush = useCallback(() => change({ selected: toUrl(chosen), at: active }), [chosen, active, change]);
  useEffect(() => {
    const timer = setTimeout(flush, URL_AFTER_MS);
    return () => clearTimeout(timer);
  }, [flush]);
  return {
    chosen,
    active,
    setChosen,
    setActive,
    /** Before leaving the page: a change of the URL afterwards would call the leaving off. */
    flush,
    onToggle: useCallback((id: string) => setChosen((old) => toggle(old, id)), []),
    clear: useCallback(() => setChosen(nothing), []),
  };
}
