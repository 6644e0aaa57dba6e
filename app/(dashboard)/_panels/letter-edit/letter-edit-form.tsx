"use client";

import { Alert, Button, Group, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { checkEdit, sendEdit } from "../../_queries/replays.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { Refused } from "../../_ui/dialog.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { toneColors } from "../../_ui/status-badge.tsx";
import { UnsavedDialog } from "../../_ui/unsaved-dialog.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { prepareVerdict } from "../letter-detail/prepare-letter.ts";
import type { Checked } from "./editor-extensions.ts";
import { HeaderFields } from "./header-fields.tsx";
import type { JsonEditorHandle } from "./json-editor.tsx";
import { isUnsaved, needsForce, prepareEdit, startHeaders } from "./prepare-edit.ts";
import { ProblemList } from "./problem-list.tsx";

/** An editor is heavy: only who edits loads it. */
const JsonEditor = dynamic(() => import("./json-editor.tsx").then((module) => module.JsonEditor), {
  ssr: false,
  loading: () => <Skeleton height={300} />,
});

type LetterEditFormProps = {
  detail: LetterDetail;
  refusal: string | null;
  onUnsaved(isUnsaved: boolean): void;
  onStartOver(): void;
};

export function LetterEditForm({ detail, refusal, onUnsaved, onStartOver }: LetterEditFormProps) {
  const router = useRouter();
  const refresh = useRefreshLetters();
  const act = useActKey();
  const editor = useRef<JsonEditorHandle>(null);
  const { letter } = detail;
  const original = detail.body.text ?? "";
  const [body, setBody] = useState(original);
  const [headers, setHeaders] = useState(() => startHeaders(detail.editableHeaders));
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const [checked, setChecked] = useState<Checked | null>(null);
  const prepared = prepareEdit({ letterVersion: letter.version, body, headers, reason, force }, checked, detail);
  const { label, tone, sentence } = prepareVerdict(detail);
  const send = useMutation({
    mutationFn: async () => {
      if ("missing" in prepared) throw new Error(prepared.missing);
      return sendEdit(letter.id, prepared.request, act.keyFor(prepared.request));
    },
    onSuccess({ runId }) {
      void refresh();
      // In the place of the entry that held the page while it was unsaved.
      router.replace(`/dead-letters/runs/${runId}`);
    },
  });
  const isLost = !send.isSuccess && isUnsaved({ body, headers, reason }, detail);
  useEffect(() => onUnsaved(isLost), [isLost, onUnsaved]);
  return (
    <Stack>
      <UnsavedDialog
        isUnsaved={isLost}
        what="Your corrected version is only on this page. Leaving loses it; nothing has left."
      />
      <Alert color={toneColors[tone]} variant="outline" role="status" aria-label="Verdict">
        <Text c="var(--mantine-color-text)">
          <strong>{label}.</strong> {sentence}
        </Text>
      </Alert>
      <Panel
        title="Body"
        aside={
          <Text size="sm" visibleFrom="md">
            Left: as it died. Right: as it will leave.
          </Text>
        }
      >
        <JsonEditor
          original={original}
          schema={detail.schema}
          check={async (text) => (await checkEdit(letter.id, text)).problems}
          onChange={(text) => {
            setBody(text);
            setChecked(null);
          }}
          onChecked={setChecked}
          handle={editor}
        />
        <ProblemList checked={checked} onReveal={(path) => editor.current?.reveal(path)} />
      </Panel>
      <Panel title="Headers">
        <HeaderFields rows={headers} onChange={setHeaders} />
      </Panel>
      <Panel title="Send it">
        <ReasonField value={reason} onChange={setReason} />
        {checked && needsForce(checked, detail) && (
          <Switch
            label="Force: send it although a check speaks against it"
            checked={force}
            onChange={({ currentTarget }) => setForce(currentTarget.checked)}
          />
        )}
        <Text size="sm">Exactly one message leaves, under the letter's own id; the original stays as it came.</Text>
        <Refused title="It did not leave" error={send.error} />
        <Group justify="flex-end">
          {"missing" in prepared && !refusal && (
            <Text size="sm" c="dimmed">
              {prepared.missing}
            </Text>
          )}
          {send.isError && (
            <Button variant="default" onClick={onStartOver}>
              Start over from the letter as it is now
            </Button>
          )}
          <GuardedButton
            refusal={refusal ?? ("missing" in prepared ? prepared.missing : null)}
            loading={send.isPending || send.isSuccess}
            onClick={() => send.mutate()}
          >
            Send the edit
          </GuardedButton>
        </Group>
      </Panel>
    </Stack>
  );
}
