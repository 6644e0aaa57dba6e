import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, state } from "../paths.ts";
import { installPackages, run, Sentence } from "../shell.ts";

const libs = join(state, "kafka", "libs");
const FETCH_MS = 600_000;
export const MIN_JAVA = 17;

export const classPath = join(libs, "*");

/** The major version that `java -version` tells; 0 where there is no Java. */
export function javaMajor(told: string): number {
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(told) ?? [];
  // Java 8 and older called themselves 1.8.
  return Number((major === "1" ? minor : major) ?? 0);
}

/** Sees to Java and, once for each list of them, to Kafka's jars from Maven Central. @throws Sentence with what to do. */
export function fetchKafkaJars(): void {
  if (javaMajor(run("java", ["-version"]).out) < MIN_JAVA)
    installPackages(`A JDK (${MIN_JAVA} or newer)`, ["default-jdk-headless"]);
  const pom = join(root, "ops", "kafka", "pom.xml");
  const wanted = createHash("sha256").update(readFileSync(pom)).digest("hex");
  const done = join(libs, ".complete");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  if (!run("mvn", ["-v"]).ok) installPackages("Maven", ["maven"]);
  console.log("  fetching Kafka's jars …");
  const args = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${libs}`];
  const fetched = run("mvn", args, { timeoutMs: FETCH_MS });
  if (!fetched.ok)
    throw new Sentence(`Kafka's jars could not be fetched from Maven Central: ${fetched.out.slice(-500)}`);
  writeFileSync(done, wanted);
}
