import { RedirectRequest, type RedirectTarget } from "#contracts/api/redirects";

export type RedirectForm = {
  fromKind: RedirectRequest["fromKind"];
  fromName: string;
  target: RedirectTarget;
  reason: string;
  expiresInMs: number;
};

const HOUR_MS = 3_600_000;

/** How long a redirect can hold. */
export const lives = [
  { value: String(HOUR_MS), label: "1 hour" },
  { value: String(8 * HOUR_MS), label: "8 hours" },
  { value: String(24 * HOUR_MS), label: "1 day" },
  { value: String(7 * 24 * HOUR_MS), label: "7 days" },
  { value: String(30 * 24 * HOUR_MS), label: "30 days" },
  { value: String(90 * 24 * HOUR_MS), label: "90 days" },
];

export const fromKinds = [
  { value: "queue", label: "RabbitMQ queue" },
  { value: "topic", label: "Kafka topic" },
  { value: "url", label: "Webhook URL" },
] as const;

export const emptyForm: RedirectForm = {
  fromKind: "queue",
  fromName: "",
  target: { kind: "queue", queue: "" },
  reason: "",
  expiresInMs: 24 * HOUR_MS,
};

/** A URL goes to a URL, a place in a broker to a place in a broker. Pure. */
export function withFromKind(form: RedirectForm, fromKind: RedirectForm["fromKind"]): RedirectForm {
  const isUrl = form.target.kind === "url";
  if (fromKind === "url") return { ...form, fromKind, target: isUrl ? form.target : { kind: "url", url: "" } };
  return { ...form, fromKind, target: isUrl ? { kind: "queue", queue: "" } : form.target };
}

/** The request, or why there is none yet, in one sentence. Pure. */
export function prepareRedirect(form: RedirectForm): { request: RedirectRequest } | { missing: string } {
  const { fromName, target, reason } = form;
  if (fromName.trim() === "") return { missing: "Say what is redirected." };
  if (target.kind === "queue" && form.fromKind === "queue" && target.queue.trim() === fromName.trim())
    return { missing: "It would lead back to where it came from." };
  if (target.kind === "topic" && form.fromKind === "topic" && target.topic.trim() === fromName.trim())
    return { missing: "It would lead back to where it came from." };
  if (target.kind === "url" && target.url.trim() === fromName.trim())
    return { missing: "It would lead back to where it came from." };
  if (reason.trim().length < 3) return { missing: "Say why." };
  const parsed = RedirectRequest.safeParse({ ...form, fromName: fromName.trim(), reason: reason.trim() });
  return parsed.success ? { request: parsed.data } : { missing: "Say where it goes instead." };
}
