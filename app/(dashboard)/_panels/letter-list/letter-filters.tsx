"use client";

import { Autocomplete, Button, Collapse, Group, Pill, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { RefObject } from "react";
import { groupListQuery } from "../../_queries/dead-letters.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { fieldOf, readInstant, useClock } from "../../_ui/clock.ts";
import { preparePills, statusOptions, type UrlFilter } from "./prepare-filter.ts";

type LetterFiltersProps = {
  filter: UrlFilter;
  onChange(changes: Partial<Record<keyof UrlFilter, string | null>>): void;
  search: RefObject<HTMLInputElement | null>;
};

/** What narrows the list; all of it stands in the URL. */
export function LetterFilters({ filter, onChange, search }: LetterFiltersProps) {
  const [isOpen, { toggle }] = useDisclosure();
  const isMasked = useRefusal("personal-data:read") !== null;
  const pills = preparePills(filter);
  return (
    <Stack gap="xs">
      <Group align="end" gap="sm">
        <TextInput
          ref={search}
          label="Search"
          placeholder={
            isMasked ? "Order or message, by number or id" : "Order, message id, customer, error text, header=value"
          }
          defaultValue={filter.search}
          key={filter.search}
          maxLength={200}
          onKeyDown={(event) => {
            if (event.key === "Enter") onChange({ search: event.currentTarget.value.trim() });
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          onBlur={({ currentTarget }) =>
            currentTarget.value.trim() !== (filter.search ?? "") && onChange({ search: currentTarget.value.trim() })
          }
          w={{ base: "100%", xs: 380 }}
        />
        <Select
          label="Status"
          data={statusOptions}
          value={filter.status ?? "unsettled"}
          onChange={(value) => onChange({ status: value === "unsettled" ? null : value })}
          allowDeselect={false}
          w={170}
        />
        <Button variant="default" onClick={toggle} aria-expanded={isOpen}>
          More filters
        </Button>
      </Group>
      <Collapse expanded={isOpen}>
        <MoreFilters filter={filter} onChange={onChange} />
      </Collapse>
      {pills.length > 0 && (
        <Pill.Group aria-label="Filters in use">
          {pills.map(({ name, text }) => (
            <Pill
              key={name}
              withRemoveButton
              onRemove={() => onChange({ [name]: null })}
              removeButtonProps={{ "aria-label": `Take away ${text}`, tabIndex: 0, "aria-hidden": false }}
            >
              {text}
            </Pill>
          ))}
        </Pill.Group>
      )}
    </Stack>
  );
}

function MoreFilters({ filter, onChange }: Omit<LetterFiltersProps, "search">) {
  const groups = useQuery(groupListQuery("all")).data?.groups ?? [];
  const known = (name: "consumer" | "messageType") => [...new Set(groups.map((group) => group[name]))].toSorted();
  const word = (label: string, name: "consumer" | "messageType" | "source" | "workerVersion", data: string[] = []) => (
    <Autocomplete
      label={label}
      data={data}
      defaultValue={filter[name] ?? ""}
      key={filter[name] ?? ""}
      onOptionSubmit={(value) => onChange({ [name]: value })}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && onChange({ [name]: currentTarget.value.trim() })}
      onBlur={({ currentTarget }) =>
        currentTarget.value.trim() !== (filter[name] ?? "") && onChange({ [name]: currentTarget.value.trim() })
      }
    />
  );
  const clock = useClock();
  const time = (label: string, name: "from" | "to") => (
    <TextInput
      type="datetime-local"
      label={clock === "utc" ? `${label} (UTC)` : label}
      defaultValue={fieldOf(filter[name], clock)}
      key={`${filter[name]} ${clock}`}
      onBlur={({ currentTarget }) => {
        const value = readInstant(currentTarget.value, clock) ?? null;
        if (value !== (filter[name] ?? null)) onChange({ [name]: value });
      }}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} pb="xs">
      {word("Worker", "consumer", known("consumer"))}
      {word("Message type", "messageType", known("messageType"))}
      {word("Queue or topic", "source")}
      {word("Worker version", "workerVersion")}
      {time("Died from", "from")}
      {time("Died before", "to")}
    </SimpleGrid>
  );
}
