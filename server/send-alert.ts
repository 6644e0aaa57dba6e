import { sendNotice } from "./fulfilment/mail-transport.ts";
import { sendWebhook } from "./partners/send-webhook.ts";
import type { Notice, SendNotice } from "./pipeline/notify-alerts.ts";
import { env } from "./platform/env.ts";

/** Tells a channel: as a mail, or as JSON to a URL under the same address rules as a partner's webhook, unsigned. */
export const sendAlert: SendNotice = async ({ kind, address }, notice) => {
  if (kind === "email")
    await sendNotice({
      id: notice.id,
      to: address,
      subject: `[${words[notice.kind]}] ${notice.title}`,
      text: textOf(notice),
    });
  else
    await sendWebhook(
      {
        ...{ url: address, secret: null, id: notice.id, type: `alert.${notice.kind}` },
        occurredAt: new Date().toISOString(),
        data: { title: notice.title, alerts: notice.alerts },
      },
      { allowLoopback: env().WEBHOOK_ALLOW_LOOPBACK },
    );
};

const words = { firing: "Alert", resolved: "Resolved", test: "Test" } as const;

const textOf = ({ kind, alerts }: Notice): string =>
  [
    ...alerts.map(({ summary, url, since }) => `${summary}\nSince ${since}\n${url}`),
    ...(kind === "test" ? ["This is a test. Nothing is wrong."] : []),
    `All alerts: ${new URL("/alerts", env().PUBLIC_URL).href}`,
  ].join("\n\n");
