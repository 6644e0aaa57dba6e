import { z } from "zod";
import { ReportQuery } from "#contracts/api/replays";
import { exportRun } from "#server/dead-letters/export-run";
import { getRun } from "#server/dead-letters/run-queries";
import { download } from "#server/platform/download";
import { maskFor } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  params: z.object({ id: z.uuid() }),
  query: ReportQuery,
  replies: "bytes",
  async handle({ params: { id }, query: { format }, viewer }) {
    const detail = await getRun(id);
    return download(
      exportRun(detail, format, maskFor(viewer)),
      `run-${detail.run.plannedAt.slice(0, 10)}-${id.slice(0, 8)}`,
      format,
    );
  },
});
