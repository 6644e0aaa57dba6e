"use client";

import { Alert, Anchor, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { deadLetterStatusLabels } from "#contracts/vocabulary";
import { letterBodyHref, letterQuery } from "../../_queries/dead-letters.ts";
import { panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { NotShown } from "../../_ui/not-shown.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { Withheld } from "../../_ui/personal.tsx";
import { ToneBadge, toneColors } from "../../_ui/status-badge.tsx";
import { TextLink } from "../../_ui/text-link.tsx";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { LettersNote } from "../letters-live/letters-live.tsx";
import { useUrlCorrection } from "../partners/use-url-correction.tsx";
import { Bytes } from "./bytes.tsx";
import { Deaths } from "./deaths.tsx";
import { LetterActions } from "./letter-actions.tsx";
import { LetterHistory } from "./letter-history.tsx";
import { LetterOrder } from "./letter-order.tsx";
import { HeaderTable, PropertyTable } from "./letter-tables.tsx";
import { prepareVerdict, runUnderWay } from "./prepare-letter.ts";

/** One dead letter: may it be sent again, whom does it hurt, why did it die, what is in it, what was tried. */
export function LetterPanel({ letterId }: { letterId: string }) {
  const query = useQuery(letterQuery(letterId));
  if (query.isLoadingError)
    return <NotShown what="letter" all={{ href: "/dead-letters?tab=letters", label: "All letters" }} refusal={query} />;
  const { data } = query;
  return (
    <Stack>
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
            {data ? (data.letter.messageType ?? "Unknown message") : "Dead letter"}
          </Title>
          {data && <ToneBadge {...deadLetterStatusLabels[data.letter.status]} size="lg" />}
        </Group>
        <LettersNote query={query} />
      </Group>
      {data ? (
        <LetterOf detail={data} />
      ) : (
        <Panel title="Letter" state={panelState(query)}>
          {null}
        </Panel>
      )}
    </Stack>
  );
}

function LetterOf({ detail }: { detail: LetterDetail }) {
  const acts = useLetterActs();
  const correction = useUrlCorrection(acts.open);
  const mayOpen = useRefusal("personal-data:read") === null;
  const { label, tone, sentence } = prepareVerdict(detail);
  const { letter, key, body, headers, properties, deaths } = detail;
  const run = runUnderWay(detail);
  return (
    <>
      {correction.banner}
      <Alert color={toneColors[tone]} variant="outline" role="status" aria-label="Verdict">
        <Text c="var(--mantine-color-text)">
          <strong>{label}.</strong> {sentence}
        </Text>
      </Alert>
      {run && letter.status === "replaying" && (
        <Text>
          It is on its way in run <TextLink href={`/dead-letters/runs/${run.runId}`}>{run.runName}</TextLink>.
        </Text>
      )}
      <LetterActions detail={detail} acts={acts} correction={correction} />
      <Panel
        title="Order"
        aside={
          <Anchor component={Link} href={`/dead-letters/groups/${letter.groupId}`} prefetch={false} size="sm">
            All letters of this cause
          </Anchor>
        }
      >
        <LetterOrder detail={detail} />
      </Panel>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Panel title="Why it died">
          <Deaths deaths={deaths} />
        </Panel>
        <Stack>
          <Panel
            title="Body"
            aside={
              mayOpen ? (
                <Anchor href={letterBodyHref(letter.id)} download size="sm">
                  Download
                </Anchor>
              ) : (
                <Withheld>Download</Withheld>
              )
            }
          >
            <Bytes shown={body} label="Body" />
          </Panel>
          <Panel title="Replays and edits">
            <LetterHistory detail={detail} />
          </Panel>
        </Stack>
      </SimpleGrid>
      <Panel title="Headers">
        <HeaderTable headers={headers} />
      </Panel>
      <Panel title="Key and properties">
        {key && <Bytes shown={key} label="Key" />}
        <PropertyTable properties={{ ...properties, messageId: letter.messageId, letter: letter.id }} />
      </Panel>
      {correction.dialog}
      {acts.dialog}
    </>
  );
}
