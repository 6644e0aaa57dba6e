import type { z } from "zod";

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
  const answer = await fetch(path, init);
  if (answer.status === 401) window.location.assign("/sign-in");
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new ApiError(answer.status, problem.code ?? "unknown", problem.detail ?? "The server gave no reason.");
  }
  return schema.parse(await answer.json());
}

/** A request with a JSON body. */
export const withJson = (method: "POST" | "PUT", body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
