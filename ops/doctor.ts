import { statfsSync } from "node:fs";
import { root } from "./paths.ts";
import { findPostgres } from "./services/postgres.ts";
import { demoPorts } from "./settings.ts";
import { listens, run } from "./shell.ts";

/* `npm run doctor`: one line a part; a cure under each that is not well. Exit code 3 when something is missing. */

type Finding = { part: string; isWell: boolean; what: string; cure?: string };

const GIB = 1_073_741_824;

const tool = (part: string, program: string, args: string[], cure: string): Finding => {
  const { ok, out } = run(program, args);
  return { part, isWell: ok, what: ok ? (out.split("\n")[0] ?? "") : "missing", cure };
};

async function examine(): Promise<Finding[]> {
  const free = statfsSync(root);
  const freeGib = (free.bavail * free.bsize) / GIB;
  const postgres = (await listens(5432))
    ? await findPostgres().then(
        ({ how }) => ({ isWell: true, what: how }),
        (error: Error) => ({ isWell: false, what: error.message }),
      )
    : { isWell: true, what: "none listens: npm start starts the embedded one" };
  const kafka = (await listens(9092)) ? "listens on port 9092" : "none listens: npm start starts one";
  const rabbit = (await listens(5672)) ? "listens on port 5672" : "none listens: npm start starts one";
  return [
    { part: "Node", isWell: true, what: process.version },
    tool("Java", "java", ["-version"], "sudo apt-get install -y default-jdk-headless"),
    tool("Maven", "mvn", ["-v"], "sudo apt-get install -y maven"),
    {
      part: "PostgreSQL",
      ...postgres,
      cure: "set DATABASE_URL, or: sudo -u postgres createuser --createdb --pwprompt order_pipeline",
    },
    { part: "Kafka", isWell: true, what: kafka },
    { part: "RabbitMQ", isWell: true, what: rabbit },
    tool("Chromium", "which", ["chromium"], "sudo apt-get install -y chromium (for npm test only)"),
    {
      part: "Disk",
      isWell: freeGib > 2,
      what: `${freeGib.toFixed(1)} GiB free`,
      cure: "2 GiB are needed for packages, jars and data",
    },
    ...(await Promise.all(
      Object.entries(demoPorts).map(async ([name, port]) => {
        const taken = await listens(port);
        return {
          part: `Port ${port} (${name})`,
          isWell: true,
          what: taken ? "taken: by the running demo, or by somebody else" : "free",
        };
      }),
    )),
  ];
}

const findings = await examine();
for (const { part, isWell, what, cure } of findings) {
  console.log(`${isWell ? "ok  " : "ILL "} ${part.padEnd(20)} ${what}`);
  if (!isWell && cure) console.log(`     ${"".padEnd(20)} cure: ${cure}`);
}
process.exit(findings.every(({ isWell }) => isWell) ? 0 : 3);
