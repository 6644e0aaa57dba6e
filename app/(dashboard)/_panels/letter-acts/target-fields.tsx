"use client";

import { Select, SimpleGrid, TextInput } from "@mantine/core";
import type { ReplayTarget } from "#contracts/api/replays";
import { targetKinds } from "./prepare-target.ts";

type TargetFieldsProps = { target: ReplayTarget; onChange(target: ReplayTarget): void };

/** Where letters go instead of where they came from. */
export function TargetFields({ target, onChange }: TargetFieldsProps) {
  const field = (label: string, value: string, change: (value: string) => ReplayTarget, placeholder: string) => (
    <TextInput
      label={label}
      value={value}
      placeholder={placeholder}
      onChange={({ currentTarget }) => onChange(change(currentTarget.value))}
      required
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label="To"
        data={Object.entries(targetKinds).map(([value, { label }]) => ({ value, label }))}
        value={target.kind}
        onChange={(value) => value && onChange(targetKinds[value as ReplayTarget["kind"]].empty)}
        allowDeselect={false}
        comboboxProps={{ withinPortal: true }}
      />
      {target.kind === "worker" &&
        field("Worker", target.worker, (worker) => ({ kind: "worker", worker }), "charge-payment")}
      {target.kind === "queue" && field("Queue", target.queue, (queue) => ({ kind: "queue", queue }), "webhooks.v2")}
      {target.kind === "topic" && field("Topic", target.topic, (topic) => ({ kind: "topic", topic }), "order.events")}
      {target.kind === "exchange" && (
        <>
          {field("Exchange", target.exchange, (exchange) => ({ ...target, exchange }), "commands")}
          {field("Routing key", target.routingKey, (routingKey) => ({ ...target, routingKey }), "webhook.send")}
        </>
      )}
    </SimpleGrid>
  );
}
