"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { LetterRow } from "#contracts/api/dead-letters";
import { isKeptFresh, letterPagesQuery } from "../../_queries/dead-letters.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { formatCount } from "../../_ui/format.ts";
import { Panel } from "../../_ui/panel.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import type { ActKind } from "../letter-acts/prepare-acts.ts";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { LetterFilters } from "./letter-filters.tsx";
import { LetterRows, type LetterRowsHandle } from "./letter-rows.tsx";
import { isNarrowed, readFilter } from "./prepare-filter.ts";
import { nothing, prepareBulk, toggleAll } from "./prepare-selection.ts";
import { useChosen } from "./use-chosen.ts";
import { useLetterKeys } from "./use-letter-keys.ts";

/** Letters to look through, choose and act on; of one cause where `groupId` is given. */
export function LetterBrowser({ groupId }: { groupId?: string }) {
  const client = useQueryClient();
  const { params, change } = useUrlState();
  const filter = useMemo(() => ({ ...readFilter(params), ...(groupId && { groupId }) }), [params, groupId]);
  const query = useQuery(letterPagesQuery(filter));
  const list = query.data;
  const total = list?.total ?? 0;
  const { chosen, active, setChosen, setActive, flush, onToggle, clear } = useChosen();
  const acts = useLetterActs(clear);
  const mayEdit = useRefusal("dead-letters:edit") === null;
  const rows = useRef<LetterRowsHandle>(null);
  const search = useRef<HTMLInputElement>(null);

  const onBulk = (kind: ActKind) => {
    const bulk = prepareBulk(chosen, filter);
    if (bulk) begin(kind, bulk);
  };
  const begin = (kind: ActKind, about: NonNullable<ReturnType<typeof prepareBulk>>) => {
    const refusal = acts.refusal(kind, about.letters);
    if (refusal) notifications.show({ color: "yellow", message: refusal });
    else acts.open({ kind, ...about });
  };
  const onAct = (kind: ActKind, { id, messageType, orderNumber }: LetterRow) =>
    begin(kind, {
      selection: { letterIds: [id] },
      letters: 1,
      what: [messageType ?? "one letter", orderNumber && `of order ${orderNumber}`].filter(Boolean).join(" "),
    });
  const narrow = (changes: Record<string, string | null>) => {
    setChosen(nothing);
    change(changes);
  };
  useLetterKeys({
    total,
    active,
    rows,
    search,
    mayEdit,
    hasChosen: chosen.isAll || chosen.ids.size > 0,
    isOn: !acts.isOpen,
    onLeave: flush,
    onActivate: setActive,
    onToggle,
    onBulk,
    onAct,
    onClear: clear,
  });
  const startAnew = () => client.resetQueries({ queryKey: ["dead-letters"] });
  const onToggleAll = () => list && setChosen(toggleAll(chosen, list));

  return (
    <Stack gap="sm">
      <LetterFilters filter={filter} onChange={narrow} search={search} />
      <BulkBar
        chosen={chosen}
        filter={filter}
        refusal={acts.refusal}
        onBulk={onBulk}
        onChooseAll={() => setChosen({ ids: new Set(), isAll: true })}
        onClear={clear}
      />
      {list && total > 0 ? (
        <LetterRows
          list={list}
          chosen={chosen}
          active={active}
          onToggle={onToggle}
          onToggleAll={onToggleAll}
          onActivate={setActive}
          handle={rows}
        />
      ) : (
        <Panel title="Letters" state={panelState(query)}>
          <Text>
            {isNarrowed(filter)
              ? "No letter matches. Take a filter away to see more."
              : "No letter waits. A message that a worker gave up on would be a row here, with its order and the money behind it."}
          </Text>
        </Panel>
      )}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" className="numbers" aria-live="polite">
          {list &&
            total > 0 &&
            (list.isMore
              ? `The newest ${formatCount(total, "letter")} of more: narrow the list to see others`
              : formatCount(total, "letter"))}
        </Text>
        {!list || isKeptFresh(list) ? (
          <Text size="sm" c="dimmed" visibleFrom="md">
            Press ? for the keys.
          </Text>
        ) : (
          <Button size="compact-xs" variant="subtle" onClick={() => startAnew()}>
            So long a list does not refresh itself: begin anew
          </Button>
        )}
      </Group>
      {acts.dialog}
    </Stack>
  );
}
