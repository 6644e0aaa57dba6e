import { expect, it } from "vitest";
import { customerSees } from "./customer-sees.ts";

const noon = new Date("2026-11-21T12:00:00.000Z");
const mail = <Kind extends string>(kind: Kind) => ({ kind, sentAt: noon });

it.each([
  [
    "who was told",
    "shipped",
    [mail("order_confirmed"), mail("order_shipped")] as const,
    null,
    "They know that their parcel is on its way: that mail left at 2026-11-21 12:00:00 UTC.",
  ],
  [
    "whose latest news is old",
    "shipped",
    [mail("order_confirmed")] as const,
    null,
    "They were last told that their order is confirmed (2026-11-21 12:00:00 UTC) and have not heard that their parcel is on its way.",
  ],
  [
    "who paid and hears nothing",
    "paid",
    [] as const,
    noon,
    "They have had no mail since they placed it and have not heard that their order is confirmed, though they were charged at 2026-11-21 12:00:00 UTC.",
  ],
] as const)("a customer %s", (_, status, mails, chargedAt, sentence) => {
  expect(customerSees({ status, mails, chargedAt })).toBe(sentence);
});
