"use client";

import { Button, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { correctUrl, endpointListQuery } from "../../_queries/redirects.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { type Correctable, prepareUrlProblem } from "./prepare-partners.ts";

type CorrectUrlDialogProps = { endpoint: Correctable; onCorrected(endpoint: Correctable): void; onClose(): void };

/** The partner moved: one new address, one reason. Nothing is sent again by this alone. */
export function CorrectUrlDialog({ endpoint, onCorrected, onClose }: CorrectUrlDialogProps) {
  const [url, setUrl] = useState(endpoint.url);
  const [reason, setReason] = useState("");
  const key = useActKey();
  const client = useQueryClient();
  const refresh = useRefreshLetters();
  const correct = useMutation({
    mutationFn: () => {
      const correction = { url: url.trim(), reason: reason.trim() };
      return correctUrl(endpoint.id, correction, key.keyFor([endpoint.id, correction]));
    },
    onSuccess(list) {
      key.forget();
      client.setQueryData(endpointListQuery.queryKey, list);
      void refresh();
      const now = list.endpoints.find(({ id }) => id === endpoint.id);
      onCorrected({ ...endpoint, url: url.trim(), letters: now?.deadLetters ?? endpoint.letters });
    },
  });
  const problem = prepareUrlProblem(url, endpoint.url);
  const isComplete = problem === null && reason.trim().length >= 3;
  return (
    <Dialog title={`Correct the URL of ${endpoint.partner}`} onClose={onClose} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) correct.mutate();
        }}
      >
        <Stack>
          <Text size="sm">
            From now on everything for this endpoint goes to the new URL, also what is replayed. Old:{" "}
            <Code style={{ overflowWrap: "anywhere" }}>{endpoint.url}</Code>
          </Text>
          <TextInput
            label="New URL"
            type="url"
            value={url}
            onChange={({ currentTarget }) => setUrl(currentTarget.value)}
            error={url === endpoint.url ? undefined : problem}
            maxLength={2_000}
            required
            data-autofocus
          />
          <ReasonField value={reason} onChange={setReason} />
          <Refused title="The URL did not change" error={correct.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isComplete} loading={correct.isPending}>
              Correct
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
