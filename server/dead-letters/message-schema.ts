import { z } from "zod";
import { Envelope } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";

type JsonSchema = Record<string, unknown>;

const schemas = new Map<string, JsonSchema>();

/** The JSON Schema of a whole message of this type, envelope and data, for an editor; null where the type is nobody's. */
export function messageSchema(type: string | null): JsonSchema | null {
  const contract = type === null ? undefined : contractsByType.get(type);
  if (!contract) return null;
  const known = schemas.get(contract.type);
  if (known) return known;
  const whole = Envelope.extend({
    type: z.literal(contract.type),
    version: z.int().min(1).max(contract.version),
    data: contract.body,
  });
  const schema = z.toJSONSchema(whole, { io: "input", unrepresentable: "any" }) as JsonSchema;
  schemas.set(contract.type, schema);
  return schema;
}
