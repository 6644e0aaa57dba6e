"use client";

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Alerts } from "#contracts/api/alerts";
import { testChannel, useAlertAct } from "../../_queries/alerts.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { prepareChannel } from "./prepare-alerts.ts";

/** Who is told: mail addresses and URLs, each with a test. */
export function ChannelsPanel({ channels }: Pick<Alerts, "channels">) {
  const refusal = useRefusal("alerts:manage");
  const [address, setAddress] = useState("");
  const add = useAlertAct(() => setAddress(""));
  const request = prepareChannel(address);
  return (
    <Panel title="Who is told">
      {channels.length === 0 ? (
        <Text>Nobody is told: add a mail address or a URL.</Text>
      ) : (
        <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label="Who is told">
          {channels.map((channel) => (
            <ChannelLine key={channel.id} channel={channel} refusal={refusal} />
          ))}
        </Stack>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (request && refusal === null) add.mutate({ kind: "addChannel", request });
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            label="Mail address or URL"
            description="A URL gets JSON by POST."
            value={address}
            onChange={({ currentTarget }) => setAddress(currentTarget.value)}
            maxLength={2_000}
            style={{ flex: "1 1 16rem" }}
          />
          {refusal === null ? (
            <Button type="submit" variant="default" disabled={!request} loading={add.isPending}>
              Add
            </Button>
          ) : (
            <GuardedButton variant="default" refusal={refusal}>
              Add
            </GuardedButton>
          )}
        </Group>
      </form>
      <Refused title="It was not added" error={add.error} />
    </Panel>
  );
}

type ChannelProps = { channel: Alerts["channels"][number]; refusal: string | null };

function ChannelLine({ channel: { id, kind, address, lastOutcome, lastSentAt }, refusal }: ChannelProps) {
  const client = useQueryClient();
  const remove = useAlertAct();
  const test = useMutation({
    mutationFn: () => testChannel(client, id),
    onSuccess: ({ isTold, outcome }) =>
      notifications.show({ color: isTold ? "teal" : "red", title: `Test to ${address}`, message: outcome }),
    onError: ({ message }) => notifications.show({ color: "red", title: "No test was sent", message }),
  });
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="xs">
      <div style={{ minWidth: 0, flex: "1 1 16rem" }}>
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {address}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {kind === "email" ? "Mail" : "Webhook"}
          {lastSentAt && (
            <>
              , <Ago at={lastSentAt} size="xs" />: {lastOutcome}
            </>
          )}
        </Text>
      </div>
      <Group gap="xs">
        <GuardedButton
          size="xs"
          variant="default"
          refusal={refusal}
          loading={test.isPending}
          onClick={() => test.mutate()}
          aria-label={`Test ${address}`}
        >
          Test
        </GuardedButton>
        <GuardedButton
          size="xs"
          variant="default"
          refusal={refusal}
          loading={remove.isPending}
          onClick={() => remove.mutate({ kind: "removeChannel", id })}
          aria-label={`Remove ${address}`}
        >
          Remove
        </GuardedButton>
      </Group>
    </Group>
  );
}
