import { statfsSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { root } from "./paths.ts";
import { findKafka } from "./services/kafka.ts";
import { javaMajor, MIN_JAVA } from "./services/kafka-jars.ts";
import { findPostgres } from "./services/postgres.ts";
import { findRabbit } from "./services/rabbitmq.ts";
import { demoPorts } from "./settings.ts";
import { listens, run } from "./shell.ts";

/** How one part of the machine is; `cure` is what to do when it is not well. */
export type Finding = { part: string; isWell: boolean; what: string; cure: string };

const GIB = 1_073_741_824;
const NEEDED_GIB = 2;

/** Everything that the product and its tests need of this machine. Starts and changes nothing. */
export async function examine(): Promise<Finding[]> {
  const { DATABASE_URL, KAFKA_BROKERS, RABBITMQ_URL } = process.env;
  return [
    { part: "Node", isWell: true, what: process.version, cure: "" },
    java(),
    tool("Maven", "mvn", ["-v"], "sudo apt-get install -y maven"),
    await service(
      "PostgreSQL",
      5432,
      DATABASE_URL,
      () => findPostgres({ mayChange: false }),
      "set DATABASE_URL, or unset it to use this machine's",
    ),
    await service(
      "RabbitMQ",
      5672,
      RABBITMQ_URL,
      () => findRabbit(undefined, { mayChange: false }),
      "set RABBITMQ_URL, or unset it to use this machine's",
    ),
    await service("Kafka", 9092, KAFKA_BROKERS, () => findKafka(1), "set KAFKA_BROKERS, or unset it to use our own"),
    tool("Chromium", "which", ["chromium"], "sudo apt-get install -y chromium (for npm test only)"),
    disk(),
    ...(await Promise.all(Object.entries(demoPorts).map(port))),
  ];
}

function java(): Finding {
  const { out } = run("java", ["-version"]);
  const isWell = javaMajor(out) >= MIN_JAVA;
  const what = out.split("\n")[0] || "missing";
  return { part: "Java", isWell, what, cure: `sudo apt-get install -y default-jdk-headless (${MIN_JAVA} or newer)` };
}

function tool(part: string, program: string, args: string[], cure: string): Finding {
  const { ok, out } = run(program, args);
  return { part, isWell: ok, what: ok ? (stripVTControlCharacters(out).split("\n")[0] ?? "") : "missing", cure };
}

/** A service that is named or listens must let us in; one that does neither is started when it is needed. */
async function service(
  part: string,
  defaultPort: number,
  named: string | undefined,
  find: () => Promise<{ how: string }>,
  cure: string,
): Promise<Finding> {
  if (!named && !(await listens(defaultPort)))
    return { part, isWell: true, what: "none listens: npm start starts one of ours", cure };
  return find().then(
    ({ how }) => ({ part, isWell: true, what: how, cure }),
    ({ message }: Error) => ({ part, isWell: false, what: message, cure }),
  );
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / GIB;
  const cure = `free some: packages, jars and data need ${NEEDED_GIB} GiB`;
  return { part: "Disk", isWell: free > NEEDED_GIB, what: `${free.toFixed(1)} GiB free`, cure };
}

async function port([name, number]: [string, number]): Promise<Finding> {
  const what = (await listens(number)) ? "taken: by the running demo, or by somebody else" : "free";
  return { part: `Port ${number} (${name})`, isWell: true, what, cure: "" };
}
