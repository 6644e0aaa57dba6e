import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOrdersStatement } from "#server/orders/place-order-statement";
import { benchOrder } from "./load.ts";

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The product's own checkout statement for one order, with literals where the product has parameters. */
function script(): string {
  const { text } = placeOrdersStatement([
    {
      ...benchOrder,
      id: "",
      eventId: "",
      occurredAt: "",
      paymentToken: "",
      express: false,
      isTest: false,
      idempotencyKey: "",
      requestHash: Buffer.alloc(32),
    },
  ]);
  const literals = [
    "ARRAY[gen_random_uuid()]",
    "ARRAY[gen_random_uuid()]",
    "ARRAY[now()]",
    `ARRAY[${quote(benchOrder.customerId)}]`,
    "ARRAY['prepaid']",
    "ARRAY['pm_card_visa']",
    `ARRAY[${quote(JSON.stringify(benchOrder.shippingAddress))}]`,
    "ARRAY[false]",
    "ARRAY[false]",
    "ARRAY[gen_random_uuid()::text]",
    "ARRAY[decode(repeat('ab', 32), 'hex')]",
    "ARRAY[1]",
    "ARRAY[1]",
    "ARRAY['TEA-SENCHA']",
    "ARRAY[1]",
  ];
  return `${text.replaceAll(/\$(\d+)/g, (_, number) => literals[Number(number) - 1]!).replaceAll(/\s+/g, " ")};\n`;
}

function findPgbench(): string {
  const folder = execFileSync(
    "sh",
    ["-c", "pg_config --bindir 2>/dev/null || ls -d /usr/lib/postgresql/*/bin | tail -1"],
    { encoding: "utf8" },
  ).trim();
  const path = join(folder, "pgbench");
  if (!existsSync(path))
    throw new Error("pgbench is missing: sudo apt-get install -y postgresql-client postgresql-contrib");
  return path;
}

/** Orders per second of the same statement without us: 16 connections, prepared, 2 threads. */
export function pgbenchRate(databaseUrl: string, seconds: number): number {
  const file = join(mkdtempSync(join(tmpdir(), "bench-")), "checkout.sql");
  writeFileSync(file, script());
  const url = new URL(databaseUrl);
  const args = [
    "-n",
    "-M",
    "prepared",
    "-c",
    "16",
    "-j",
    "2",
    "-T",
    String(seconds),
    "-f",
    file,
    "-h",
    url.hostname,
    "-p",
    url.port || "5432",
    "-U",
    url.username,
    url.pathname.slice(1),
  ];
  const output = execFileSync(findPgbench(), args, {
    encoding: "utf8",
    env: { ...process.env, PGPASSWORD: decodeURIComponent(url.password) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}
