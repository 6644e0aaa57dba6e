import { z } from "zod";
import { waitingStatuses } from "../vocabulary.ts";
import { Run } from "./replays.ts";

/** How it stands with dead letters; the same for everybody who looks. */
export const LettersFrame = z.object({
  /** The server's time. */
  at: z.iso.datetime(),
  /** Letters that wait or are on their way; kinds of which there are none are left out. */
  counts: z.partialRecord(z.enum(waitingStatuses), z.int()),
  /** Ready in the brokers, not collected yet; null = the broker can't be asked. */
  inBrokers: z.object({ rabbitmq: z.int().nullable() }),
  /** Runs that changed or are under way, with their progress. */
  runs: z.array(Run),
});
export type LettersFrame = z.infer<typeof LettersFrame>;

/** A cause whose letters changed; null = any may have. */
export const LetterNewsRow = z.object({ groupId: z.uuid().nullable() });
export type LetterNewsRow = z.infer<typeof LetterNewsRow>;

/** The first frame of news tells what changed within this time, ms; whatever was asked for before may have missed more. */
export const RECENT_NEWS_MS = 10_000;
