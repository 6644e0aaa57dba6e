"use client";

import { Alert, Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { auditQuery } from "../../_queries/audit.ts";
import { panelState } from "../../_queries/freshness.ts";
import { sessionQuery } from "../../_queries/session.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Panel } from "../../_ui/panel.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { AuditTable } from "./audit-table.tsx";
import { readAuditFilter, stages } from "./prepare-audit.ts";

const stageOptions = Object.entries(stages).map(([value, { label }]) => ({ value, label }));

/** Who did what, when and why; what was tried and denied, too. */
export function AuditPanel() {
  const { params, change } = useUrlState();
  const filter = readAuditFilter(params);
  const refusal = useRefusal("audit:read");
  const isKnown = useQuery(sessionQuery).isSuccess;
  const list = useInfiniteQuery({ ...auditQuery(filter), enabled: refusal === null });
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  const field = (label: string, name: "actor" | "action" | "subject" | "operationId", placeholder?: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      defaultValue={filter[name]}
      key={`${name} ${filter[name] ?? ""}`}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && change({ [name]: currentTarget.value.trim() })}
      onBlur={({ currentTarget }) =>
        currentTarget.value.trim() !== (filter[name] ?? "") && change({ [name]: currentTarget.value.trim() })
      }
    />
  );
  return (
    <Stack>
      <Title order={1} size="h3">
        Audit
      </Title>
      {refusal && isKnown ? (
        <Alert color="yellow" variant="outline">
          <Text c="var(--mantine-color-text)">{refusal}</Text>
        </Alert>
      ) : (
        <>
          <Group align="end">
            {field("Who", "actor")}
            {field("Action", "action", "dead-letters:retry")}
            {field("Subject", "subject", "letter:… or run:…")}
            {field("Operation", "operationId")}
            <Select
              label="Stage"
              placeholder="Any"
              clearable
              data={stageOptions}
              value={filter.stage ?? null}
              onChange={(stage) => change({ stage })}
              w={150}
            />
          </Group>
          <Panel title={isFiltered ? "Matching entries" : "Newest first"} state={panelState(list)}>
            {entries.length > 0 ? (
              <AuditTable entries={entries} onOperation={(operationId) => change({ operationId })} />
            ) : (
              <Text>
                {isFiltered
                  ? "No entry matches. Clear a filter to see more."
                  : "Nothing was done yet. Every act, and every attempt that was denied, would be here for ever."}
              </Text>
            )}
            {list.hasNextPage && (
              <Button variant="default" onClick={() => list.fetchNextPage()} loading={list.isFetchingNextPage}>
                Show more
              </Button>
            )}
          </Panel>
        </>
      )}
    </Stack>
  );
}
