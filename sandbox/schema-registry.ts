import { z } from "zod";
import type { Faults } from "./faults.ts";
import type { Answer, Routes } from "./http.ts";

const Registration = z.object({
  schema: z.string().min(1),
  schemaType: z.enum(["AVRO", "JSON", "PROTOBUF"]).default("AVRO"),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.number().int() })).default([]),
});
type Registration = z.infer<typeof Registration>;

const refused = (status: number, code: number, message: string): Answer => ({
  status,
  body: { error_code: code, message },
  headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
});

/**
 * A Schema Registry below `/registry`, as Confluent's: an id stands for one schema for ever, the same schema has the same
 * id in every subject, and a subject counts its own versions.
 */
export function createSchemaRegistry(faults: Faults): { routes: Routes } {
  /** The schema of id n at n - 1. */
  const schemas: Registration[] = [];
  /** Ids of each subject's versions, the first at 0. */
  const subjects = new Map<string, number[]>();

  const idOf = (wanted: Registration): number => {
    const text = JSON.stringify(wanted);
    const at = schemas.findIndex((schema) => JSON.stringify(schema) === text);
    return at < 0 ? schemas.push(wanted) : at + 1;
  };
  const shown = (id: number) => {
    const { schema, schemaType, references } = schemas[id - 1]!;
    return {
      schema,
      ...(schemaType !== "AVRO" && { schemaType }),
      ...(references.length > 0 && { references }),
    };
  };
  const around = (handler: Parameters<Faults["around"]>[1]) => faults.around("registry", handler);

  return {
    routes: {
      "GET /registry/subjects": around(() => ({ status: 200, body: [...subjects.keys()] })),
      "POST /registry/subjects/:subject/versions": around(({ params, raw }) => {
        const asked = Registration.safeParse(JSON.parse(raw.toString()));
        if (!asked.success) return refused(422, 42201, "Invalid schema");
        const id = idOf(asked.data);
        const subject = decodeURIComponent(params.subject!);
        const versions = subjects.get(subject) ?? [];
        if (!versions.includes(id)) versions.push(id);
        subjects.set(subject, versions);
        return { status: 200, body: { id } };
      }),
      "GET /registry/subjects/:subject/versions/:version": around(({ params }) => {
        const subject = decodeURIComponent(params.subject!);
        const versions = subjects.get(subject);
        if (!versions) return refused(404, 40401, `Subject '${subject}' not found.`);
        const version = params.version === "latest" ? versions.length : Number(params.version);
        const id = versions[version - 1];
        return id === undefined
          ? refused(404, 40402, `Version ${params.version} not found.`)
          : { status: 200, body: { subject, version, id, ...shown(id) } };
      }),
      "GET /registry/schemas/ids/:id": around(({ params }) => {
        const id = Number(params.id);
        return schemas[id - 1]
          ? { status: 200, body: shown(id) }
          : refused(404, 40403, `Schema ${params.id} not found`);
      }),
    },
  };
}
