"use client";

import { Alert, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { GroupRow } from "#contracts/api/dead-letters";
import { groupStatuses, groupStatusLabels } from "#contracts/vocabulary";
import { groupListQuery, standingQuery } from "../../_queries/dead-letters.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Panel } from "../../_ui/panel.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { useUrlCorrection } from "../partners/use-url-correction.tsx";
import { CauseCard } from "./cause-card.tsx";
import { prepareSetAside } from "./prepare-causes.ts";

const CauseChangeDialog = dynamic(
  () => import("./cause-change-dialog.tsx").then((module) => module.CauseChangeDialog),
  {
    ssr: false,
  },
);

const statusOptions = [
  { value: "unsettled", label: "Open or acknowledged" },
  ...groupStatuses.map((value) => ({ value, label: groupStatusLabels[value].label })),
  { value: "all", label: "All" },
];

/** Causes of death, ranked by the server: the first is the one to look at. */
export function CauseList() {
  const { params, change } = useUrlState();
  const status = params.get("causes") ?? undefined;
  const list = useQuery(groupListQuery(status));
  const counts = useQuery(standingQuery).data?.counts;
  const acts = useLetterActs();
  const correction = useUrlCorrection(acts.open);
  const partnersRefusal = useRefusal("partners:manage");
  const changeRefusal = useRefusal("dead-letters:bulk");
  const [changing, setChanging] = useState<GroupRow | null>(null);
  const groups = list.data?.groups ?? [];
  return (
    <Stack>
      {correction.banner}
      <Group justify="flex-end">
        <Select
          aria-label="State of the causes"
          size="xs"
          data={statusOptions}
          value={status ?? "unsettled"}
          onChange={(value) => change({ causes: value === "unsettled" ? null : value })}
          allowDeselect={false}
        />
      </Group>
      {list.data && groups.length > 0 ? (
        <Stack component="ol" m={0} p={0} style={{ listStyle: "none" }} aria-label="Causes">
          {groups.map((group) => (
            <CauseCard
              key={group.id}
              group={group}
              acts={acts}
              correction={correction}
              partnersRefusal={partnersRefusal}
              changeRefusal={changeRefusal}
              onChange={() => setChanging(group)}
            />
          ))}
        </Stack>
      ) : (
        <Panel title="Causes" state={panelState(list)}>
          <NoCauses
            isFiltered={status !== undefined}
            setAside={list.data ? prepareSetAside(list.data, counts) : null}
          />
        </Panel>
      )}
      {changing && <CauseChangeDialog group={changing} onClose={() => setChanging(null)} />}
      {correction.dialog}
      {acts.dialog}
    </Stack>
  );
}

function NoCauses({ isFiltered, setAside }: { isFiltered: boolean; setAside: string | null }) {
  if (isFiltered) return <Text>No cause is in this state.</Text>;
  if (setAside) return <Text>No cause is open or acknowledged. {setAside}</Text>;
  return (
    <Alert color="teal" variant="outline">
      <Text c="var(--mantine-color-text)">
        Nothing waits. A message that a worker gave up on would be here, grouped by what killed it, with the money that
        waits behind it.
      </Text>
    </Alert>
  );
}
