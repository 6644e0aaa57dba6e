"use client";

import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { deadLetterStatusLabels } from "#contracts/vocabulary";
import { letterQuery } from "../../_queries/dead-letters.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { NotShown } from "../../_ui/not-shown.tsx";
import { LetterEditForm } from "./letter-edit-form.tsx";
import { prepareUneditable } from "./prepare-edit.ts";

/**
 * A corrected version of one letter. It starts from the letter as it was when the page was opened: what changes
 * meanwhile is told, never overwritten.
 */
export function LetterEditPanel({ letterId }: { letterId: string }) {
  const query = useQuery(letterQuery(letterId));
  const refusal = useRefusal("dead-letters:edit");
  const [opened, setOpened] = useState(query.data);
  const [isUnsaved, setUnsaved] = useState(false);
  // As long as nobody has written anything, the page follows the letter.
  if (query.data && query.data !== opened && !isUnsaved) setOpened(query.data);
  const data = opened;
  const hasChanged = data && query.data && query.data.letter.version !== data.letter.version;
  const uneditable = data && prepareUneditable(data);
  return (
    <Stack>
      <Group align="baseline">
        <Title order={1} size="h3">
          Edit {data?.letter.messageType ?? "a letter"}
          {data?.letter.orderNumber ? ` of order ${data.letter.orderNumber}` : ""}
        </Title>
        <Anchor component={Link} href={`/dead-letters/letters/${letterId}`} size="sm">
          Back to the letter
        </Anchor>
      </Group>
      {query.isLoadingError && (
        <NotShown what="letter" all={{ href: "/dead-letters?tab=letters", label: "All letters" }} refusal={query} />
      )}
      {query.isPending && <Skeleton height={300} />}
      {uneditable && (
        <Alert color="yellow" variant="outline" title="It can't be edited here">
          <Text c="var(--mantine-color-text)">{uneditable}</Text>
        </Alert>
      )}
      {hasChanged && (
        <Alert color="yellow" variant="outline" role="status" title="The letter has changed since you opened it">
          <Group justify="space-between">
            <Text size="sm" c="var(--mantine-color-text)">
              It is “{deadLetterStatusLabels[query.data.letter.status].label}” now, so what you have written can't be
              sent.
            </Text>
            <Button size="xs" variant="default" onClick={() => setOpened(query.data)}>
              Start over from the letter as it is now
            </Button>
          </Group>
        </Alert>
      )}
      {data && !uneditable && (
        <LetterEditForm
          key={data.letter.version}
          detail={data}
          refusal={refusal}
          onUnsaved={setUnsaved}
          onStartOver={async () => setOpened((await query.refetch()).data)}
        />
      )}
    </Stack>
  );
}
