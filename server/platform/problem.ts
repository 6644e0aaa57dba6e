/**
 * An answer that says no, as RFC 9457 problem+json. `code` is stable and for machines, `detail` for people;
 * neither holds a stack, SQL, host or path.
 */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Further members of the answer, e.g. `errors` per field. */
  readonly more: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    detail: string,
    { more = {}, headers = {} }: { more?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.more = more;
    this.headers = headers;
  }

  toJSON() {
    return {
      type: `/problems/${this.code}`,
      title: titles[this.status] ?? "Error",
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...this.more,
    };
  }
}

const titles: Record<number, string> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  411: "Length required",
  413: "Body too large",
  415: "Unsupported content type",
  422: "Unprocessable",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
};
