import type { Money } from "#contracts/api/dead-letters";
import { inWords } from "./burrow.ts";

/** `4,210.00 EUR`, exactly; several currencies side by side, never added up. */
export const moneyInWords = (money: Money): string =>
  money
    .map(({ currency, cents }) => {
      const digits = fractionDigits(currency);
      const text = String(Math.abs(cents)).padStart(digits + 1, "0");
      const whole = Number(text.slice(0, text.length - digits)).toLocaleString("en-GB");
      return `${cents < 0 ? "-" : ""}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ""} ${currency}`;
    })
    .join(" and ");

const known = new Map<string, number>();
/** How many digits a currency's smallest unit takes: 2 for EUR, 0 for JPY. */
function fractionDigits(currency: string): number {
  const digits =
    known.get(currency) ??
    new Intl.NumberFormat("en-GB", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
    2;
  known.set(currency, digits);
  return digits;
}

export const count = (many: number, one: string, several = `${one}s`): string =>
  `${many.toLocaleString("en-GB")} ${many === 1 ? one : several}`;

/** How it goes on: `drained in about 2 min`, `growing`, or nothing where nothing is known. */
export function outlook({ etaMs, isGrowing }: { etaMs: number | null; isGrowing: boolean }): string | null {
  if (isGrowing) return "growing";
  if (etaMs === null || etaMs === 0) return null;
  return etaMs < 1_000 ? "drained in a moment" : `drained in about ${inWords(etaMs)}`;
}

/** Parts that are there, as one sentence. */
export const sentence = (...parts: (string | null | false)[]): string => `${parts.filter(Boolean).join(", ")}.`;
