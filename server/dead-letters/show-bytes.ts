import type { ShownBytes } from "#contracts/api/dead-letters";
import { indentJson, MAX_DEPTH } from "./indent-json.ts";

/** More text than this is cut, bytes. A reader of the database needs no more than so much of a body. */
export const SHOWN_TEXT_BYTES = 1_048_576;
const SHOWN_BINARY_BYTES = 65_536;

/**
 * Bytes as a person can read them: JSON indented, other UTF-8 as it is, anything else as base64, each with the reason.
 * @param bytes how many there are in all, where `content` is only the beginning.
 */
export function showBytes(content: Buffer | null, bytes = content?.length ?? 0): ShownBytes {
  if (content === null) return { bytes: 0, text: null, base64: null, note: "There are no bytes at all: it is null." };
  const head = content.subarray(0, SHOWN_TEXT_BYTES);
  const isCut = bytes > head.length;
  const text = readUtf8(head, isCut);
  if (text === null) return showBinary(head, bytes);
  if (isCut) return { bytes, text: visible(text), base64: null, note: cutNote(head.length, bytes) };
  return { bytes, base64: null, ...showText(text) };
}

function showText(text: string): Pick<ShownBytes, "text" | "note"> {
  const fault = jsonFault(text);
  if (fault !== null) return { text: visible(text), note: fault };
  const { indented, depth } = indentJson(text);
  if (indented !== null) return { text: indented, note: null };
  const why = depth > MAX_DEPTH ? `it is nested ${depth.toLocaleString("en")} deep` : "it would be too long";
  return { text, note: `JSON, shown as it came: ${why} for lines of its own.` };
}

/** Why a text is not JSON, in one sentence; null = it is. */
function jsonFault(text: string): string | null {
  if (text === "") return "Not JSON: it is empty.";
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    if (text.includes("\0")) return "Not JSON: it holds NUL characters, shown here as ␀.";
    const place = /at position (\d+)/.exec((error as Error).message)?.[1];
    return place ? `Not JSON: it goes wrong at character ${Number(place) + 1}.` : "Not JSON, but clean UTF-8 text.";
  }
}

/** Null where the bytes are no UTF-8. The last character of a cut text may be incomplete; it is left out. */
function readUtf8(content: Buffer, isCut: boolean): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content, { stream: isCut });
  } catch {
    return null;
  }
}

function showBinary(head: Buffer, bytes: number): ShownBytes {
  const shown = head.subarray(0, SHOWN_BINARY_BYTES);
  const cut = bytes > shown.length ? ` ${cutNote(shown.length, bytes)}` : "";
  return { bytes, text: null, base64: shown.toString("base64"), note: `Not UTF-8 text, shown as base64.${cut}` };
}

const cutNote = (shown: number, bytes: number) =>
  `Only the first ${shown.toLocaleString("en")} of ${bytes.toLocaleString("en")} bytes are shown; the download has all.`;

const visible = (text: string) => text.replaceAll("\0", "␀");
