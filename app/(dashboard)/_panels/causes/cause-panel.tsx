"use client";

import { Anchor, Group, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { groupQuery } from "../../_queries/dead-letters.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { NotShown } from "../../_ui/not-shown.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { LetterBrowser } from "../letter-list/letter-browser.tsx";
import { LettersNote } from "../letters-live/letters-live.tsx";
import { useUrlCorrection } from "../partners/use-url-correction.tsx";
import { CauseCard } from "./cause-card.tsx";
import { CauseChangeDialog } from "./cause-change-dialog.tsx";

/** One cause and its letters. */
export function CausePanel({ groupId }: { groupId: string }) {
  const group = useQuery(groupQuery(groupId));
  const acts = useLetterActs();
  const correction = useUrlCorrection(acts.open);
  const partnersRefusal = useRefusal("partners:manage");
  const changeRefusal = useRefusal("dead-letters:bulk");
  const [isChanging, setChanging] = useState(false);
  if (group.isLoadingError)
    return <NotShown what="cause" all={{ href: "/dead-letters", label: "All causes" }} refusal={group} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Group align="baseline">
          <Title order={1} size="h3">
            One cause
          </Title>
          <Anchor component={Link} href="/dead-letters" size="sm">
            All causes
          </Anchor>
        </Group>
        <LettersNote query={group} />
      </Group>
      {correction.banner}
      {group.data ? (
        <CauseCard
          group={group.data}
          acts={acts}
          correction={correction}
          partnersRefusal={partnersRefusal}
          changeRefusal={changeRefusal}
          onChange={() => setChanging(true)}
          isAlone
        />
      ) : (
        <Panel title="Cause" state={panelState(group)}>
          {null}
        </Panel>
      )}
      <LetterBrowser groupId={groupId} />
      {isChanging && group.data && <CauseChangeDialog group={group.data} onClose={() => setChanging(false)} />}
      {correction.dialog}
      {acts.dialog}
    </Stack>
  );
}
