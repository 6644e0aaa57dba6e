import { Generator, GeneratorChange } from "#contracts/api/overview";
import { askGenerator } from "#server/pipeline/generator";
import { route } from "#server/platform/route";

export const GET = route({ permission: "orders:read", replies: Generator, handle: () => askGenerator() });

export const PUT = route({
  permission: "generator:control",
  accepts: GeneratorChange,
  replies: Generator,
  handle: ({ body }) => askGenerator(body),
});
