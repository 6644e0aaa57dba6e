import { type Logger, pino } from "pino";
import { maskContacts } from "./mask-text.ts";
import { processWide } from "./process-wide.ts";

/** What may never reach a log line, wherever it stands. */
const redact = {
  paths: [
    "email",
    "*.email",
    "recipient",
    "*.recipient",
    "secret",
    "*.secret",
    "authorization",
    "*.authorization",
    "cookie",
  ],
  censor: "[redacted]",
};

/** The process's logger: one JSON line per event; `orderId`, `messageId`, `worker` are fields, never text. */
export const log = (): Logger =>
  processWide("log", () =>
    pino({
      level: process.env.LOG_LEVEL || "info",
      base: { pid: process.pid },
      redact,
      // A mail server's complaint names whom it did not find.
      hooks: { streamWrite: maskContacts },
      timestamp: pino.stdTimeFunctions.isoTime,
    }),
  );
