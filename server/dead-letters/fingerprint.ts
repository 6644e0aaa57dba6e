import { createHash } from "node:crypto";

/** What stands in a shape for everything that differs from letter to letter. */
const VALUE = "<value>";

const READ_CHARACTERS = 1_024;
/** Shorter than what is read, so that where a long text was cut does not show. */
const SHAPE_CHARACTERS = 300;
const FRAME_CHARACTERS = 200;

const currencies = Intl.supportedValuesOf("currency").join("|");
const units = `ms|s|secs?|seconds?|mins?|minutes?|h|hours?|days?|B|bytes?|[kKMGT]i?B|%|\\p{Sc}|cents?|(?:${currencies})`;
const months = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?";
const days = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?";
const clock = "\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?";
const zone = "(?:\\s?(?:Z|UTC|GMT)?(?:[+-]\\d{2}:?\\d{2})?)?";

/**
 * All kinds of value become the same word: a random id may well look like a number, and a number like an id.
 * In this order; none looks back over what it has read.
 */
const values: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s"`<>]*[^\s"`<>'(),.;:!?\]]/giu,
  // An apostrophe inside a word neither opens nor closes a quotation.
  /"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|(?<![\p{L}\p{N}])'(?:[^'\\]|\\.|'(?=[\p{L}\p{N}]))*'|“[^”]*”|‘[^’]*’|«[^»]*»/gsu,
  /(?<![^\s<>("'`,;:=])[^\s@<>()"'`,;:=]+@[^\s@<>()"'`,;:=]+/gu,
  new RegExp(
    `(?:${days}\\s+)?(?:${months}\\s+\\d{1,2}|\\d{1,2}\\s+${months}),?\\s+\\d{4}(?:,?\\s+${clock}${zone})?`,
    "gu",
  ),
  new RegExp(`\\d{4}-\\d{2}-\\d{2}(?:[T ]${clock}${zone})?`, "gu"),
  /(?<![\p{L}\p{N}_:])(?:[0-9a-f]{1,4}:)*:(?::?[0-9a-f]{1,4})+(?![\p{L}\p{N}_:])|(?<![\p{L}\p{N}_:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\p{L}\p{N}_:])/giu,
  /(?<![\p{L}\p{N}_])[a-z]{2,6}_[A-Za-z0-9]{14,}(?![\p{L}\p{N}_])/gu,
  /(?<![\p{L}\p{N}_-])(?=\d*[a-f])[0-9a-f]{8,}(?:-[0-9a-f]{4,})*(?![\p{L}\p{N}_])/giu,
  // Whatever has a digit: numbers with sign, separators and units, and names that somebody counted up.
  new RegExp(
    `(?:(?<![\\p{L}\\p{N}])(?:${currencies})\\s?)?[-+±~#]?\\p{Sc}?\\s?(?<![\\p{L}\\p{N}_-])(?=[\\p{L}_-]*\\p{N})[\\p{L}\\p{N}_-]+` +
      `(?:(?<=\\p{N})[.,:'’/\\u00a0\\u202f]\\p{N}[\\p{L}\\p{N}_-]*)*(?:\\s?(?:${units})(?![\\p{L}\\p{N}_]))?`,
    "gu",
  ),
];
const runOfValues = new RegExp(`${VALUE}(?:(?:[\\s,;:/|.+-]|and|or)*${VALUE})+`, "gu");
/** A quotation that the cut has left open. */
const openQuotation = /(?:"|`|(?<![\p{L}\p{N}])')[^"`']{40,}$/u;

/** An error's text without what differs from letter to letter, so that one cause has one shape. Reads 1 KiB at most. */
export function normaliseError(text: string): string {
  const head = text.slice(0, READ_CHARACTERS).toWellFormed();
  const isCut = text.length >= READ_CHARACTERS - 8;
  const plain = head.replace(/\p{Cc}+/gu, " ");
  const bare = values.reduce((shape, value) => shape.replace(value, ` ${VALUE} `), plain);
  const closed = isCut ? bare.replace(openQuotation, VALUE) : bare;
  return spaced(closed).slice(0, SHAPE_CHARACTERS).toWellFormed();
}

const spaced = (shape: string) =>
  shape
    .replace(runOfValues, VALUE)
    .replace(/\s+/gu, " ")
    .replace(/ (?=[,;:.)\]}])|(?<=[([{]) /gu, "")
    .trim();

const frameLine = /^\s*at (?:async )?(?:(.{1,300}?) \()?(.{1,1000}?)(?::\d+){1,2}\)?$/u;
const ownPath = /^.*\/((?:server|workers|sandbox)\/[^?]+)/u;
const foreignPath = /node_modules\/|node:|\/\.next\//u;

/**
 * The first frame of our own code, as `function (server/payments/payments.ts)`: no line, no place on a machine.
 * @param message the error's text: what it holds is no frame, whatever it looks like.
 * @returns null where no frame is ours.
 */
export function firstOwnFrame(stack: string, message = ""): string | null {
  for (const line of framesOf(stack, message)) {
    const [, name, file = ""] = frameLine.exec(line) ?? [];
    if (foreignPath.test(file)) continue;
    const [, path] = ownPath.exec(file) ?? [];
    if (path) return (name ? `${name} (${path})` : path).slice(0, FRAME_CHARACTERS);
  }
  return null;
}

/** The lines below the message: those at the end that look like frames. */
function framesOf(stack: string, message: string): string[] {
  const at = message === "" ? -1 : stack.indexOf(message);
  const lines = (at === -1 ? stack : stack.slice(at + message.length)).slice(0, 16_384).split("\n");
  const isFrame = (line: string) => /^\s+at /u.test(line);
  // The stack may have been cut inside its last line.
  const last = lines.findLastIndex(isFrame);
  const above = lines.slice(0, last + 1).findLastIndex((line) => !isFrame(line));
  return lines.slice(above + 1, last + 1);
}

/** What makes two deaths one cause. */
export type Cause = {
  consumer: string;
  messageType: string;
  errorClass: string;
  frame: string | null;
  /** From `normaliseError`. */
  shape: string;
};

/** One text per cause, 64 hex digits. */
export const fingerprintOf = ({ consumer, messageType, errorClass, frame, shape }: Cause): string =>
  createHash("sha256")
    .update(JSON.stringify([consumer, messageType, errorClass, frame, shape]))
    .digest("hex");
