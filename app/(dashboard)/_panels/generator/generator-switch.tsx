"use client";

import { Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { changeGenerator, generatorQuery } from "../../_queries/generator.ts";
import { sessionQuery } from "../../_queries/session.ts";

/** Switches the demo's made-up orders on and off; not there without the demo. */
export function GeneratorSwitch() {
  const client = useQueryClient();
  const generator = useQuery(generatorQuery).data;
  const mayControl = useQuery(sessionQuery).data?.permissions.includes("generator:control") ?? false;
  const change = useMutation({
    mutationFn: changeGenerator,
    onSuccess: (state) => client.setQueryData(generatorQuery.queryKey, state),
    onError: (error) =>
      notifications.show({ color: "red", title: "The generator did not change", message: error.message }),
  });
  if (!generator) return null;
  return (
    <Switch
      size="sm"
      label={`Demo orders, ${generator.ratePerSecond} a second`}
      checked={generator.running}
      disabled={!mayControl || change.isPending}
      onChange={({ currentTarget }) => change.mutate({ running: currentTarget.checked })}
    />
  );
}
