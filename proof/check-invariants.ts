import { checkHistory } from "./check-history.ts";
import { checkMails } from "./check-mails.ts";
import { checkMoney } from "./check-money.ts";
import { checkStock } from "./check-stock.ts";
import type { Ledgers, Violation } from "./ledgers.ts";

/** Every promise of the product that can be judged from the ledgers. Empty = all kept. Pure. */
export function checkInvariants(ledgers: Ledgers): Violation[] {
  return [...checkHistory(ledgers), ...checkMoney(ledgers), ...checkStock(ledgers), ...checkMails(ledgers)];
}
