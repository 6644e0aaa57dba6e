"use client";

import { Button, Group, Input, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { readInstant, useClock } from "../../_ui/clock.ts";
import { type BrowseFields, type BrowseName, prepareQuestion, startings } from "./prepare-browse.ts";

type Field = { name: BrowseName; label: string; placeholder?: string; width: number; isNumber?: boolean };
const narrowing: Field[] = [
  { name: "key", label: "Key", placeholder: "Whole key", width: 180 },
  { name: "header", label: "Header", placeholder: "event-type=order.placed", width: 200 },
  { name: "text", label: "Text", placeholder: "Anywhere in the value", width: 180 },
  { name: "path", label: "JSON path", placeholder: "data.order.currency=EUR", width: 220 },
  { name: "limit", label: "Records", width: 90, isNumber: true },
];

/** Asks what to read. `initial` is what the URL says. */
export function BrowseForm({ initial, onAsk }: { initial: BrowseFields; onAsk(form: BrowseFields): void }) {
  const clock = useClock();
  const [form, setForm] = useState(initial);
  const [typedTime, setTypedTime] = useState("");
  const set = (name: BrowseName, value: string) => setForm((old) => ({ ...old, [name]: value }));
  const asked = prepareQuestion(form);
  const field = ({ name, label, placeholder, width, isNumber }: Field) => (
    <TextInput
      key={name}
      label={label}
      placeholder={placeholder}
      inputMode={isNumber ? "numeric" : undefined}
      value={form[name]}
      onChange={({ currentTarget }) => set(name, isNumber ? currentTarget.value.trim() : currentTarget.value)}
      w={{ base: "100%", xs: width }}
      spellCheck={false}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if ("question" in asked) onAsk(form);
      }}
    >
      <Stack gap="xs">
        <Group align="end" gap="sm">
          <div>
            <Input.Label labelElement="div" display="block" id="browse-from">
              Read from
            </Input.Label>
            <SegmentedControl
              size="sm"
              aria-labelledby="browse-from"
              data={startings}
              value={form.from}
              onChange={(value) => set("from", value)}
            />
          </div>
          {form.from === "offset" && field({ name: "offset", label: "Offset", width: 160, isNumber: true })}
          {form.from === "time" && (
            <TextInput
              type="datetime-local"
              step={1}
              label={`Time (${clock === "utc" ? "UTC" : "local"})`}
              description={form.time ? `from ${form.time.replace("T", " ").replace("Z", " UTC")}` : undefined}
              inputWrapperOrder={["label", "input", "description"]}
              value={typedTime}
              onChange={({ currentTarget }) => {
                setTypedTime(currentTarget.value);
                set("time", readInstant(currentTarget.value, clock) ?? "");
              }}
              w={{ base: "100%", xs: 220 }}
            />
          )}
          {field({ name: "partition", label: "Partition", placeholder: "All", width: 100, isNumber: true })}
        </Group>
        <Group align="end" gap="sm">
          {narrowing.map(field)}
          <Button type="submit" disabled={"problem" in asked}>
            Read
          </Button>
        </Group>
        {"problem" in asked && (
          <Text size="sm" role="status">
            {asked.problem}
          </Text>
        )}
      </Stack>
    </form>
  );
}
