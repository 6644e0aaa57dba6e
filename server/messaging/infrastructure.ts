import { OutcomeUnknown } from "./broker.ts";

/**
 * SQLSTATE classes that say something of the server and nothing of the message: connection (08), resources (53),
 * intervention (57), system (58), and a transaction that lost a race and may be repeated (40).
 */
const classes = new Set(["08", "40", "53", "57", "58"]);
/** lock_not_available: somebody else holds the row for longer than our lock_timeout. */
const codes = new Set(["55P03", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"]);
/** node-postgres gives these no code. */
const texts = [
  /^Connection terminated/,
  /timeout exceeded when trying to connect/,
  /Client has encountered a connection error/,
];

/** True where PostgreSQL or a broker is the trouble: the message is innocent, the attempt does not count. */
export function isInfrastructure(error: unknown): boolean {
  if (error instanceof OutcomeUnknown) return true;
  if (error instanceof AggregateError) return error.errors.some(isInfrastructure);
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && (codes.has(code) || (code.length === 5 && classes.has(code.slice(0, 2)))))
    return true;
  return texts.some((text) => text.test(error.message));
}
