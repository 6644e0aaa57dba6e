import { z } from "zod";
import { ChannelTest } from "#contracts/api/alerts";
import { testChannel } from "#server/pipeline/alert-acts";
import { route } from "#server/platform/route";
import { sendAlert } from "#server/send-alert";

export const POST = route({
  permission: "alerts:manage",
  params: z.object({ id: z.uuid() }),
  replies: ChannelTest,
  handle: ({ params }) => testChannel(params.id, sendAlert),
});
