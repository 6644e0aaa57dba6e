import { execFileSync } from "node:child_process";

/**
 * Segments with data that this machine's clients have sent to these ports, by connection: what is asked of brokers,
 * without their help.
 */
export function segmentsTo(ports: readonly number[]): Map<string, number> {
  const filter = ports.map((port) => `dport = :${port}`).join(" or ");
  const sent = new Map<string, number>();
  for (const line of execFileSync("ss", ["-tinHO", filter], { encoding: "utf8" }).split("\n")) {
    const [, , , local, remote] = line.split(/\s+/);
    const count = /data_segs_out:(\d+)/.exec(line);
    if (local && remote) sent.set(`${local} ${remote}`, Number(count?.[1] ?? 0));
  }
  return sent;
}

/** Segments sent between two looks. A connection that came and went in between is not seen. */
export const segmentsBetween = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number =>
  [...after].reduce((sum, [connection, count]) => sum + count - (before.get(connection) ?? 0), 0);
