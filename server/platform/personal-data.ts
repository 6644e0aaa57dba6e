import type { z } from "zod";
import { contractsByType } from "#contracts/messages/index";
import { MASK, type PersonalKind, personalKindOf } from "#contracts/personal";
import { type Viewer, viewerMay } from "./auth.ts";
import { maskContacts, maskQuotations } from "./mask-text.ts";
import { Problem } from "./problem.ts";

/** What every answer is made from; a masked one is made from it by the contract alone. */
export const seesPersonalData = (viewer: Viewer | null): boolean => viewerMay(viewer, "personal-data:read");

/** What somebody's search may look into; `guardSearch` gives it, so that no list is searched unguarded. */
export type SearchRight = {
  /** Texts that are masked for others, such as errors. */
  inTexts: boolean;
};

/**
 * Refuses a search in what is masked: who may ask often enough whether a name begins with A has read the name. Ids and
 * numbers of orders, letters and messages tell nothing of a person. @throws Problem 403.
 */
export function guardSearch(viewer: Viewer | null, search: string | undefined): SearchRight {
  const inTexts = seesPersonalData(viewer);
  if (!search || inTexts || uuid.test(search) || /^\d{1,15}$/.test(search)) return { inTexts };
  const role = viewer?.role ?? "none";
  throw new Problem(403, "search_not_allowed", `Your role, ${role}, may search by ids and numbers only.`);
}

/** Shows this viewer what is his to see of a value. */
export const maskFor =
  (viewer: Viewer | null) =>
  <Value>(schema: z.ZodType<Value>, value: Value): Value =>
    seesPersonalData(viewer) ? value : masked(schema, value);

/** Shows this viewer what is his to see of each value. */
export const masker = <Value>(viewer: Viewer | null, schema: z.ZodType<Value>): ((value: Value) => Value) =>
  seesPersonalData(viewer) ? (value) => value : (value) => masked(schema, value);

/** `value` as somebody without `personal-data:read` may see it. `schema` says which parts are personal. */
export function masked<Value>(schema: z.ZodType<Value>, value: Value): Value {
  const mask = maskOf(schema);
  if (mask === null) return value;
  const context: Context = { named: new Set(), hasText: false, words: null };
  const once = mask(value, context, undefined);
  // A text may stand before what it quotes: only now all of it is known.
  if (!context.hasText || context.named.size === 0) return once as Value;
  return mask(value, { ...context, words: anyOf(context.named) }, undefined) as Value;
}

/** Of one answer: the personal values it names, and the pattern that finds them in its texts. */
type Context = { named: Set<string>; hasText: boolean; words: RegExp | null };
type Mask = (value: unknown, context: Context, beside: unknown) => unknown;
type Leaf = (value: never, context: Context, beside: unknown) => unknown;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Shorter values are words of every text. */
const LEAST_NAMED = 3;

const leaves: Record<PersonalKind, Leaf> = {
  name: (value: string, { named }) => {
    for (const part of [value, ...value.split(/\s+/)]) named.add(part);
    return value === "" ? "" : `${[...value][0]}${MASK}`;
  },
  email: (value: string, { named }) => {
    if (!value.includes("@")) return value;
    named.add(value);
    return maskContacts(value);
  },
  place: (value: string, { named }) => {
    named.add(value);
    return value === "" ? "" : MASK;
  },
  text: (value: string, context) => {
    context.hasText = true;
    const text = maskQuotations(maskContacts(value));
    return context.words === null ? text : text.replaceAll(context.words, MASK);
  },
  key: (value: string) => (uuid.test(value) ? value : MASK),
  header: (value: [string, string, ...string[]] | { name: string; value: string }) => {
    if (!Array.isArray(value)) return { ...value, value: headerValue(value.name, value.value) };
    const [name, text, ...encoding] = value;
    const shown = headerValue(name, text);
    return [maskContacts(name), shown, ...(shown === MASK ? encoding.map(() => "utf8") : encoding)];
  },
  data: (value: unknown, context, beside) => maskData((beside as { type: string }).type, value, context),
  message: (value: string, context) => maskMessage(value, context),
  bytes: ({ bytes }: { bytes: number }) => ({
    bytes,
    text: null,
    base64: null,
    note: "Personal data: your role may not open messages.",
  }),
  withheld: (value: unknown) => {
    if (typeof value === "string") return MASK;
    if (Array.isArray(value)) return [];
    return typeof value === "object" && value !== null ? {} : null;
  },
};

/** The headers that we write; their values are names of parts of the product, ids, times and counts. */
const ownHeaders =
  /^(?:event-type|source|correlation-id|traceparent|x-(?:replay-id|worker|worker-version|error-class|attempts|first-failed-at|failed-at|original-.+))$/;
const headerValue = (name: string, value: string) => (ownHeaders.test(name) ? maskContacts(value) : MASK);

function anyOf(named: ReadonlySet<string>): RegExp | null {
  const words = [...named].filter((word) => word.length >= LEAST_NAMED).sort((a, b) => b.length - a.length);
  if (words.length === 0) return null;
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(escapeRegExp).join("|")})(?![\\p{L}\\p{N}])`, "giu");
}
const escapeRegExp = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function maskData(type: string, data: unknown, context: Context): unknown {
  const contract = contractsByType.get(type);
  if (!contract || typeof data !== "object" || data === null) return leaves.withheld(data as never, context, undefined);
  const body = contract.body as unknown as z.ZodObject;
  // Only what the contract knows: a field that a stranger added is nobody's to show.
  const known = Object.fromEntries(Object.entries(data).filter(([name]) => name in body.shape));
  return maskOf(body)?.(known, context, undefined) ?? known;
}

function maskMessage(text: string, context: Context): string {
  try {
    const { type, data, ...envelope } = JSON.parse(text) as { type: string; data: unknown };
    if (!contractsByType.has(type)) return MASK;
    return JSON.stringify({ type, ...envelope, data: maskData(type, data, context) });
  } catch {
    return MASK;
  }
}

const compiled = new WeakMap<z.ZodType, { mask: Mask | null }>();

/** Null = nothing in it is personal. Made once for each schema. */
function maskOf(schema: z.ZodType): Mask | null {
  const known = compiled.get(schema);
  if (known) return known.mask;
  const mask = compile(schema);
  compiled.set(schema, { mask });
  return mask;
}

function compile(schema: z.ZodType): Mask | null {
  const kind = personalKindOf(schema);
  if (kind !== null) return leaves[kind] as Mask;
  const { def } = schema as z.ZodType & { def: Inside };
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "readonly": {
      const inner = maskOf(def.innerType);
      return inner && ((value, ...rest) => (value === null || value === undefined ? value : inner(value, ...rest)));
    }
    case "pipe":
      return maskOf(def.out);
    case "array": {
      const element = maskOf(def.element);
      return element && ((value, context) => (value as unknown[]).map((one) => element(one, context, value)));
    }
    case "record": {
      const each = maskOf(def.valueType);
      return (
        each &&
        ((value, context) =>
          Object.fromEntries(
            Object.entries(value as object).map(([name, one]) => [name, each(one, context, undefined)]),
          ))
      );
    }
    case "object":
      return compileObject(Object.entries(def.shape).map(([name, field]) => [name, maskOf(field)]));
    case "union": {
      const options = def.options.map((option) => [option, maskOf(option)] as const);
      if (options.every(([, mask]) => mask === null)) return null;
      return (value, ...rest) => {
        const [, mask] = options.find(([option]) => option.safeParse(value).success) ?? [];
        return mask ? mask(value, ...rest) : value;
      };
    }
    default:
      return null;
  }
}

function compileObject(fields: [string, Mask | null][]): Mask | null {
  const personal = fields.filter((field): field is [string, Mask] => field[1] !== null);
  if (personal.length === 0) return null;
  return (value, context) => {
    const shown: Record<string, unknown> = { ...(value as object) };
    for (const [name, mask] of personal) if (name in shown) shown[name] = mask(shown[name], context, value);
    return shown;
  };
}

/** What zod says of itself, as far as it can hold something personal. */
type Inside =
  | { type: "optional" | "nullable" | "default" | "readonly"; innerType: z.ZodType }
  | { type: "pipe"; out: z.ZodType }
  | { type: "array"; element: z.ZodType }
  | { type: "record"; valueType: z.ZodType }
  | { type: "object"; shape: Record<string, z.ZodType> }
  | { type: "union"; options: z.ZodType[] }
  | { type: "string" | "number" | "boolean" };
