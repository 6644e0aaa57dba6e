import { env } from "#server/platform/env";
import { processWide } from "#server/platform/process-wide";
import { createSchemaRegistry, type SchemaRegistry } from "./schema-registry.ts";

/** The registry of SCHEMA_REGISTRY_URL; null = none is configured. */
export function schemaRegistry(): SchemaRegistry | null {
  const { SCHEMA_REGISTRY_URL } = env();
  if (!SCHEMA_REGISTRY_URL) return null;
  return processWide(`schema-registry ${SCHEMA_REGISTRY_URL}`, () => createSchemaRegistry(SCHEMA_REGISTRY_URL));
}
