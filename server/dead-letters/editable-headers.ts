import type { EditableHeader, StoredHeader } from "#contracts/api/dead-letters";
import { isDeathMark } from "./replay-message.ts";

/** Messages are told apart by these: an operator can't change them. */
export const lockedHeaders: ReadonlySet<string> = new Set(["event-id", "event-type", "correlation-id"]);
/** Changing one of these may send the message astray; the screen asks twice. */
const sensitiveHeaders: ReadonlySet<string> = new Set(["source", "traceparent", "content-type"]);

/** The headers an edit starts from, each with what may be done to it. Binary ones stay out of the editor and are kept. */
export const editableHeaders = (stored: readonly StoredHeader[]): EditableHeader[] =>
  stored
    .filter(([name, , encoding]) => !isDeathMark(name) && encoding !== "base64")
    .map(([name, value]) => ({
      name,
      value,
      rule: lockedHeaders.has(name) ? "locked" : sensitiveHeaders.has(name) ? "sensitive" : "free",
    }));
