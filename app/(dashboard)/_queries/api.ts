import type { z } from "zod";
import { IDLE_HEADER } from "#contracts/session";
import { isTouched } from "./touched.ts";

/** What the API refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Calls our API and checks the answer against its contract. @throws ApiError for every refusal. */
export async function callApi<Reply>(schema: z.ZodType<Reply>, path: string, init?: RequestInit): Promise<Reply> {
  return schema.parse(await (await ask(path, init)).json());
}

/** Lets the browser keep what our API answers, under the name it gives. @throws ApiError for every refusal. */
export async function download(path: string, init?: RequestInit): Promise<void> {
  const answer = await ask(path, init);
  const [, name = "export"] = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "") ?? [];
  const url = URL.createObjectURL(await answer.blob());
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  // The browser has taken it over by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(path, markIdle(init));
  if (answer.status === 401) window.location.assign("/sign-in");
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, problem.code ?? "unknown", problem.detail ?? "The server gave no reason.");
}

/** An open page asks for this and that all day: only who is there stays signed in. */
const markIdle = (init: RequestInit = {}): RequestInit =>
  isTouched() ? init : { ...init, headers: { ...init.headers, [IDLE_HEADER]: "1" } };

type Change = "POST" | "PUT" | "PATCH" | "DELETE";

/** A request with a JSON body. */
export const withJson = (method: Change, body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { "content-type": "application/json", ...headers },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

/** An act under its key: the same key sent twice, by a double click or after a lost answer, is one act. */
export const asAct = (method: Change, body: unknown, idempotencyKey: string): RequestInit =>
  withJson(method, body, { "idempotency-key": idempotencyKey });

/** A query string of what is given; empty parts are left out. */
export function toQuery(parts: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return set.length === 0 ? "" : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}
