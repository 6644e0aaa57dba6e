/*
 * The world around the shop, as a journey moves it: its customers, its carrier, its mailboxes.
 */

export const sandboxUrl = process.env.E2E_SANDBOX_URL!;

/** Tells a part of the sandbox how to behave from now on. @returns what it says of itself; undefined where it says nothing. */
export async function tell<Answer>(path: string, change: object): Promise<Answer> {
  const answer = await fetch(`${sandboxUrl}/control/${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

/** Customers order at this pace, or not at all; tells how many orders they have placed in all. */
export const letCustomersOrder = (ratePerSecond: number | null) =>
  tell<{ placed: number }>("generator", ratePerSecond === null ? { running: false } : { running: true, ratePerSecond });

/** The carrier takes so long for each parcel; null = as long as ever. */
export const slowCarrier = (slowMs: number | null) =>
  tell("faults/shipping", slowMs === null ? { mode: "ok" } : { mode: "slow", slowMs });

/** The subjects of the mails that somebody got, newest first. */
export async function mailsTo(recipient: string): Promise<{ id: string; subject: string }[]> {
  const mails = (await (await fetch(`${sandboxUrl}/api/mails`)).json()) as {
    id: string;
    subject: string;
    recipients: string[];
  }[];
  return mails.filter(({ recipients }) => recipients.includes(recipient));
}
