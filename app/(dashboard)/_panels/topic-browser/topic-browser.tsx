"use client";

import { Anchor, Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import Link from "next/link";
import { useBrowse } from "../../_queries/use-browse.ts";
import { Panel } from "../../_ui/panel.tsx";
import { useUrlState } from "../../_ui/use-url-state.ts";
import { BrowseForm } from "./browse-form.tsx";
import { placeOf, prepareProgress, prepareQuestion, prepareShare, readForm, writeForm } from "./prepare-browse.ts";
import { RecordDialog } from "./record-dialog.tsx";
import { RecordTable } from "./record-table.tsx";

/** The records of a topic: the question and the open record stand in the URL. Only reads; no group is touched. */
export function TopicBrowser({ topic }: { topic: string }) {
  const { params, change } = useUrlState();
  const form = readForm(params);
  const asked = prepareQuestion(form);
  return (
    <Stack>
      <div>
        <Anchor component={Link} href="/topics" size="sm">
          Topics
        </Anchor>
        <Title order={1} size="h3" style={{ wordBreak: "break-all" }}>
          {topic}
        </Title>
      </div>
      <Panel title="What to read">
        <BrowseForm
          key={JSON.stringify(form)}
          initial={form}
          onAsk={(next) => change({ ...writeForm(next), record: null })}
        />
      </Panel>
      {"question" in asked ? (
        <Records topic={topic} question={asked.question} />
      ) : (
        <Text role="status">This link can't be read: {asked.problem}</Text>
      )}
    </Stack>
  );
}

function Records({ topic, question }: { topic: string; question: Parameters<typeof useBrowse>[1] }) {
  const { params, change } = useUrlState();
  const { stop, again, ...reading } = useBrowse(topic, question);
  const opened = params.get("record");
  const record = opened === null ? undefined : reading.records.find((one) => placeOf(one) === opened);
  const share = prepareShare(reading);
  const isReading = reading.state === "reading";
  return (
    <Panel
      title="Records"
      aside={
        <Button
          size="xs"
          variant="default"
          leftSection={isReading ? <IconPlayerStop size={14} aria-hidden /> : <IconRefresh size={14} aria-hidden />}
          onClick={isReading ? stop : again}
        >
          {isReading ? "Stop" : "Read again"}
        </Button>
      }
    >
      <Group gap="sm">
        <Text size="sm" className="numbers" role={isReading ? undefined : "status"}>
          {prepareProgress(reading)}
        </Text>
      </Group>
      <Progress
        value={reading.state === "ended" ? 100 : (share ?? (isReading ? 100 : 0))}
        animated={isReading && share === null}
        color={reading.state === "failed" ? "red" : undefined}
        size="xs"
        aria-label="Read so far"
        transitionDuration={0}
      />
      {reading.records.length > 0 ? (
        <RecordTable records={reading.records} onOpen={(place) => change({ record: place })} />
      ) : (
        !isReading && reading.state !== "failed" && <Text>No record matches, or the topic is empty there.</Text>
      )}
      {record && <RecordDialog topic={topic} record={record} onClose={() => change({ record: null })} />}
    </Panel>
  );
}
