"use client";

import { useQueries } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { LetterRow } from "#contracts/api/dead-letters";
import { type LetterIndex, letterPageQuery } from "../../_queries/dead-letters.ts";
import { pagesAround } from "./prepare-pages.ts";

/** Whoever drags the scroll bar passes hundreds of pages: only where he rests so long is asked for, ms. */
const REST_MS = 80;

/** The letters around what is in sight. Pages are asked for as the reader comes near them, and forgotten far from him. */
export function useLoadedLetters(list: LetterIndex) {
  const [wanted, setWanted] = useState<readonly number[]>([]);
  const asked = useRef<readonly number[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pages = wanted.filter((page) => page > 0 && page <= list.starts.length);
  const answers = useQueries({ queries: pages.map((page) => letterPageQuery(list, page)) });
  const loaded = new Map(pages.map((page, index) => [page, answers[index]?.data?.letters]));
  loaded.set(0, list.first);
  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    /** The letter in this place, from 0; `undefined` = not loaded yet, `null` = it has left the list since. */
    letterAt(index: number): LetterRow | null | undefined {
      const letters = loaded.get(Math.floor(index / list.size));
      return letters && (letters[index % list.size] ?? null);
    },
    /** The place of a letter, if it is loaded. */
    indexOf(id: string | null): number {
      for (const [page, letters = []] of loaded) {
        const index = letters.findIndex((letter) => letter.id === id);
        if (index >= 0) return page * list.size + index;
      }
      return -1;
    },
    /** Says which rows are in sight. */
    onSight: useCallback((first: number, last: number, size: number) => {
      clearTimeout(timer.current);
      const pages = pagesAround(first, last, size);
      const ask = () => {
        asked.current = pages;
        setWanted(pages);
      };
      if (pages.join() === asked.current.join()) return;
      const isNear = asked.current.length === 0 || pages.some((page) => asked.current.includes(page));
      if (isNear) ask();
      else timer.current = setTimeout(ask, REST_MS);
    }, []),
  };
}
