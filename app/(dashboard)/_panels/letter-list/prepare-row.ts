import type { LetterRow } from "#contracts/api/dead-letters";
import { deadLetterStatusLabels } from "#contracts/vocabulary";
import { formatAgo, formatMoney } from "../../_ui/format.ts";

/** A letter as a row reads it. `now` in ms. Pure. */
export const prepareRow = (letter: LetterRow, now: number) => ({
  what: letter.messageType ?? "unknown message",
  where: letter.consumer ?? letter.source,
  ...deadLetterStatusLabels[letter.status],
  error: letter.errorMessage === "" ? letter.errorClass : `${letter.errorClass}: ${letter.errorMessage}`,
  order: letter.orderNumber === null ? "no order" : `${letter.isTest ? "test " : ""}${letter.orderNumber}`,
  customer: letter.customerName ?? "",
  money: letter.totalCents === null || letter.currency === null ? "" : formatMoney(letter.totalCents, letter.currency),
  died: formatAgo(letter.diedAt, now),
});
