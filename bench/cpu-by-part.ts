import { readdirSync, readFileSync } from "node:fs";
import { busySeconds, cpuSeconds } from "./process-figures.ts";

/** The services' processes by the names that the kernel shows. */
const services: Record<string, string> = { java: "Kafka", postgres: "PostgreSQL", "beam.smp": "RabbitMQ" };

/**
 * CPU seconds used so far by each part of the machine's work.
 * @param ours our processes' names by their ids; what is neither theirs nor a service's counts as "others", also where
 * its process has ended: much of that, and the run says little.
 */
export function cpuByPart(ours: ReadonlyMap<number, string>): Map<string, number> {
  const used = new Map<string, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = readFileSync(`/proc/${name}/comm`, "utf8").trim();
      const part = ours.get(Number(name)) ?? services[command];
      if (part) used.set(part, (used.get(part) ?? 0) + cpuSeconds(Number(name)));
    } catch {
      // It ended while we looked.
    }
  }
  const known = [...used.values()].reduce((sum, seconds) => sum + seconds, 0);
  return used.set("others", busySeconds() - known);
}

/** Share of one core that each part used between two looks, the largest first: "workers 62 %, …". */
export function sharesOfCore(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): string {
  return [...after]
    .map(([part, used]) => ({ part, share: Math.round(((used - (before.get(part) ?? 0)) / seconds) * 100) }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .map(({ part, share }) => `${part} ${share} %`)
    .join(", ");
}
