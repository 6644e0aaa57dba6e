import type { Type } from "avsc";
import { z } from "zod";
import { type AvroSchema, parseAvroSchema } from "./read-avro.ts";

/** What the registry said of an id: a schema, or why there is none to read with. */
export type SchemaAnswer = { schema: AvroSchema } | { why: string };

export type SchemaRegistry = {
  /** Asks for the schemas that are not known yet. Never throws: what went wrong is the answer. */
  answersFor(ids: readonly number[]): Promise<ReadonlyMap<number, SchemaAnswer>>;
};

const TIMEOUT_MS = 3_000;
/** After so long a registry that failed, or did not know an id, is asked again. */
const AGAIN_MS = 15_000;
/** More ids than that are unknown: bytes that only look like Avro are not worth a question each. */
const MAX_UNKNOWN = 50;
const AT_ONCE = 8;
const MAX_KNOWN = 5_000;
const MAX_REFERENCES = 100;

const Reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });
type Reference = z.infer<typeof Reference>;
const Registered = z.object({
  schema: z.string(),
  /** Left out for Avro. */
  schemaType: z.string().default("AVRO"),
  references: z.array(Reference).default([]),
});

/** A registry that speaks Confluent's protocol. A schema never changes under its id, so each is fetched once. */
export function createSchemaRegistry(address: string): SchemaRegistry {
  const { base, headers } = read(address);
  const known = new Map<number, AvroSchema>();
  const failed = new Map<number, { why: string; untilMs: number }>();
  const asking = new Map<number, Promise<SchemaAnswer>>();
  let awayUntilMs = 0;
  let awayWhy = "";

  const get = async (path: string): Promise<z.infer<typeof Registered>> => {
    if (Date.now() < awayUntilMs) throw new Error(awayWhy);
    const answer = await fetch(`${base}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      () => null,
    );
    if (answer === null || answer.status >= 500) {
      awayUntilMs = Date.now() + AGAIN_MS;
      awayWhy = answer ? `the registry answered ${answer.status}` : "the registry does not answer";
      throw new Error(awayWhy);
    }
    if (answer.status === 404) throw new Error("the registry does not know it");
    if (!answer.ok) throw new Error(`the registry answered ${answer.status}`);
    const parsed = Registered.safeParse(await answer.json().catch(() => null));
    if (!parsed.success) throw new Error("the registry's answer is not a schema");
    return parsed.data;
  };

  /** What a schema refers to is parsed before it, into the same names. */
  const resolve = async (references: readonly Reference[], named: Record<string, Type>, seen: Set<string>) => {
    for (const { name, subject, version } of references) {
      const key = `${subject}/${version}`;
      if (named[name] || seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MAX_REFERENCES) throw new Error(`it refers to more than ${MAX_REFERENCES} schemas`);
      const referred = await get(`/subjects/${encodeURIComponent(subject)}/versions/${version}`);
      await resolve(referred.references, named, seen);
      parseAvroSchema(referred.schema, named);
    }
  };

  const ask = async (id: number): Promise<SchemaAnswer> => {
    try {
      const { schema, schemaType, references } = await get(`/schemas/ids/${id}`);
      if (schemaType !== "AVRO") throw new Error(`it is ${schemaType}, and only Avro is read here`);
      const named: Record<string, Type> = {};
      await resolve(references, named, new Set());
      const parsed = parseAvroSchema(schema, named);
      if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
      known.set(id, parsed);
      return { schema: parsed };
    } catch (error) {
      const why = (error as Error).message;
      failed.set(id, { why, untilMs: Date.now() + AGAIN_MS });
      return { why };
    }
  };

  const answerFor = (id: number): Promise<SchemaAnswer> => {
    const schema = known.get(id);
    if (schema) return Promise.resolve({ schema });
    const failure = failed.get(id);
    if (failure) return Promise.resolve({ why: failure.why });
    if (failed.size >= MAX_UNKNOWN)
      return Promise.resolve({ why: "the registry was not asked: too many others are not known to it" });
    const asked = asking.get(id) ?? ask(id).finally(() => asking.delete(id));
    asking.set(id, asked);
    return asked;
  };

  return {
    async answersFor(ids) {
      for (const [id, { untilMs }] of failed) if (untilMs < Date.now()) failed.delete(id);
      const answers = new Map<number, SchemaAnswer>();
      const waiting = [...new Set(ids)];
      while (waiting.length > 0)
        await Promise.all(waiting.splice(0, AT_ONCE).map(async (id) => answers.set(id, await answerFor(id))));
      return answers;
    },
  };
}

/** A name and password in the address go into a header: fetch refuses them in a URL. */
function read(address: string): { base: string; headers: Record<string, string> } {
  const url = new URL(address);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  return {
    base: url.href.replace(/\/$/, ""),
    headers: {
      accept: "application/vnd.schemaregistry.v1+json, application/json",
      ...(username && { authorization: `Basic ${credentials}` }),
    },
  };
}
