import { createHash } from "node:crypto";

/** A statement with its parameters apart from its text. `name` makes PostgreSQL keep its plan per connection. */
export type Sql = { name: string; text: string; values: unknown[] };

const statements = new WeakMap<TemplateStringsArray, { name: string; text: string }>();

/**
 * Tagged template for SQL: every `${value}` becomes a parameter, never text.
 * One place in the code is one prepared statement, so a statement must not be put together from parts.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  let statement = statements.get(strings);
  if (!statement) {
    const text = strings.reduce((before, part, index) => `${before}$${index}${part}`);
    // By its text, not by a counter: several copies of this module may share one pool of connections.
    statement = { name: createHash("sha1").update(text).digest("base64url"), text };
    statements.set(strings, statement);
  }
  return { ...statement, values };
}
