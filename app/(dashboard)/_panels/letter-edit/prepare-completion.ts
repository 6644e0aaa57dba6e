import type { JsonPath } from "./json-places.ts";

export type Schema = Readonly<Record<string, unknown>>;
export type Suggestion = { label: string; detail: string; info?: string };

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `#/$defs/order` and the like; a reference that leads nowhere, or round in circles, is nothing. */
function resolve(root: Schema, schema: unknown, depth = 0): Schema[] {
  if (!isSchema(schema) || depth > 16) return [];
  const { $ref, anyOf, oneOf, allOf } = schema;
  if (typeof $ref === "string" && $ref.startsWith("#/")) {
    const target = $ref
      .slice(2)
      .split("/")
      .reduce<unknown>((at, name) => (isSchema(at) ? at[decodeURIComponent(name)] : undefined), root);
    return resolve(root, target, depth + 1);
  }
  const branches = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [schema, ...branches.flatMap((branch) => resolve(root, branch, depth + 1))];
}

/** All that a schema says of the value at a path. */
function schemasAt(root: Schema, path: JsonPath): Schema[] {
  return path.reduce<Schema[]>(
    (at, step) =>
      at.flatMap((schema) => {
        if (typeof step === "number") return resolve(root, schema.items);
        return isSchema(schema.properties) ? resolve(root, schema.properties[step]) : [];
      }),
    resolve(root, root),
  );
}

/** What a value may be, in a word. */
function typeOf(root: Schema, schema: unknown): string {
  const types = resolve(root, schema).flatMap(({ type, const: only, enum: some }) =>
    only !== undefined
      ? [JSON.stringify(only)]
      : Array.isArray(some)
        ? ["one of a few"]
        : typeof type === "string"
          ? [type]
          : [],
  );
  return [...new Set(types)].join(" or ");
}

/** Names that the contract knows for the object at a path, those it has already left out. Pure. */
export function suggestNames(root: Schema, path: JsonPath, taken: readonly string[]): Suggestion[] {
  const names = new Map<string, Suggestion>();
  for (const { properties } of schemasAt(root, path))
    for (const [label, schema] of isSchema(properties) ? Object.entries(properties) : []) {
      if (taken.includes(label) || names.has(label)) continue;
      const description = isSchema(schema) && typeof schema.description === "string" ? schema.description : undefined;
      names.set(label, { label, detail: typeOf(root, schema), ...(description && { info: description }) });
    }
  return [...names.values()];
}

/** Values that the contract allows at a path, as JSON, where it names them. Pure. */
export function suggestValues(root: Schema, path: JsonPath): string[] {
  const allowed = schemasAt(root, path).flatMap(({ const: only, enum: some }) =>
    only !== undefined ? [only] : Array.isArray(some) ? some : [],
  );
  return [...new Set(allowed.map((value) => JSON.stringify(value)))];
}
