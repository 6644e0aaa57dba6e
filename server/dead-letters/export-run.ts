import type { z } from "zod";
import { type ReplayTarget, ReportLine, RunDetail } from "#contracts/api/replays";
import { db } from "#server/platform/db";
import type { DownloadFormat } from "#server/platform/download";
import { sql } from "#server/platform/sql";
import { describeTarget } from "./replay-message.ts";
import { csvLine } from "./write-csv.ts";

const PAGE = 1_000;

const columns = Object.keys(ReportLine.shape) as (keyof ReportLine)[];

/**
 * What a run was asked to do and what became of each of its letters, in the order in which they stood: the incident's
 * report. As CSV the letters alone, a line each. Written page by page.
 * @param show what the reader may see of the run and of each letter.
 */
export async function* exportRun(
  detail: RunDetail,
  format: DownloadFormat,
  show: <Value>(schema: z.ZodType<Value>, value: Value) => Value,
): AsyncGenerator<string, void> {
  const { run, receipt, verdicts } = show(RunDetail, detail);
  if (format === "csv") yield csvLine(columns);
  else yield `${JSON.stringify({ run, receipt, verdicts }).slice(0, -1)},"letters":[`;
  let after = -1;
  for (;;) {
    const lines = (await readLines(run.runId, after)).map((line) => show(ReportLine, line));
    if (lines.length > 0)
      yield format === "csv"
        ? lines.map((line) => csvLine(columns.map((column) => line[column]))).join("")
        : lines.map((line, index) => `${after < 0 && index === 0 ? "\n" : ",\n"}${JSON.stringify(line)}`).join("");
    if (lines.length < PAGE) break;
    after = lines.at(-1)!.position;
  }
  if (format === "json") yield "\n]}\n";
}

async function readLines(runId: string, after: number): Promise<ReportLine[]> {
  type Row = Omit<ReportLine, "target" | "sentAt" | "settledAt"> & {
    target: ReplayTarget | null;
    sentAt: Date | null;
    settledAt: Date | null;
  };
  const rows = await db.rows<Row>(sql`
    SELECT r.position, r.letter_id AS "letterId", l.message_id AS "messageId", l.message_type AS "messageType", o.number AS "orderNumber",
           o.status AS "orderStatus", c.name AS "customerName", o.total_cents AS "totalCents", o.currency,
           l.error_class || ': ' || left(l.error_message, 1000) AS error, r.verdict, r.verdict_reason AS "verdictReason", r.status AS outcome,
           r.detail, r.target, r.sent_at AS "sentAt", r.settled_at AS "settledAt"
      FROM replays r JOIN dead_letters l ON l.id = r.letter_id
      LEFT JOIN orders o ON o.id = l.order_id LEFT JOIN customers c ON c.id = o.customer_id
     WHERE r.run_id = ${runId}::uuid AND r.position > ${after} ORDER BY r.position LIMIT ${PAGE}`);
  return rows.map(({ target, sentAt, settledAt, ...row }) => ({
    ...row,
    target: target && describeTarget(target),
    sentAt: sentAt?.toISOString() ?? null,
    settledAt: settledAt?.toISOString() ?? null,
  }));
}
