import { formatCount } from "../../_ui/format.ts";

/** As much of an endpoint as a correction needs. `letters` = those that died for it. */
export type Correctable = { id: string; partner: string; url: string; letters: number };

/** Why a URL can't be the new one; null = it can. The server checks more. Pure. */
export function prepareUrlProblem(url: string, oldUrl: string): string | null {
  const wanted = url.trim();
  if (wanted === oldUrl) return "This is the old URL.";
  const parsed = URL.parse(wanted);
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return "A URL starts with https:// or http://.";
  return parsed.username || parsed.password ? "A URL with a password in it would stand in the audit." : null;
}

/** What is left to do after a correction, in one sentence. Pure. */
export const prepareCorrected = ({ partner, url, letters }: Correctable): string =>
  letters === 0
    ? `${partner} is now at ${url}. No letter waits for it.`
    : `${partner} is now at ${url}. ${formatCount(letters, "letter waits", "letters wait")}: replay ${letters === 1 ? "it" : "them"}.`;
