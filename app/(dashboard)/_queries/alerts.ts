import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import { Alerts, type ChannelRequest, ChannelTest, type RuleChange, type SilenceRequest } from "#contracts/api/alerts";
import { useActKey } from "../_ui/use-act-key.ts";
import { asAct, callApi } from "./api.ts";

export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: () => callApi(Alerts, "/api/v1/alerts"),
  refetchInterval: 10_000,
});

/** What may be done about alerts; each answers with all of them. */
export type AlertAct =
  | { kind: "acknowledge"; id: string }
  | { kind: "changeRule"; id: string; change: z.infer<typeof RuleChange> }
  | { kind: "silence"; request: z.infer<typeof SilenceRequest> }
  | { kind: "endSilence"; id: string }
  | { kind: "addChannel"; request: z.infer<typeof ChannelRequest> }
  | { kind: "removeChannel"; id: string };

function callFor(act: AlertAct): [path: string, method: "POST" | "PATCH" | "DELETE", body?: unknown] {
  switch (act.kind) {
    case "acknowledge":
      return [`alerts/${act.id}/acknowledgements`, "POST"];
    case "changeRule":
      return [`alert-rules/${encodeURIComponent(act.id)}`, "PATCH", act.change];
    case "silence":
      return ["alert-silences", "POST", act.request];
    case "endSilence":
      return [`alert-silences/${act.id}`, "DELETE"];
    case "addChannel":
      return ["alert-channels", "POST", act.request];
    case "removeChannel":
      return [`alert-channels/${act.id}`, "DELETE"];
  }
}

/** Does one thing about alerts and shows what came of it. */
export function useAlertAct(onDone?: () => void) {
  const client = useQueryClient();
  const key = useActKey();
  return useMutation({
    mutationFn(act: AlertAct) {
      const [path, method, body] = callFor(act);
      return callApi(Alerts, `/api/v1/${path}`, asAct(method, body, key.keyFor(act)));
    },
    onSuccess(alerts) {
      key.forget();
      client.setQueryData(alertsQuery.queryKey, alerts);
      onDone?.();
    },
  });
}

/** Sends a test to a channel, and asks what stands there now. */
export async function testChannel(client: QueryClient, id: string) {
  const outcome = await callApi(
    ChannelTest,
    `/api/v1/alert-channels/${id}/tests`,
    asAct("POST", undefined, crypto.randomUUID()),
  );
  await client.invalidateQueries({ queryKey: alertsQuery.queryKey });
  return outcome;
}
