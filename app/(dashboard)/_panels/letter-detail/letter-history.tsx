import { Anchor, Group, Stack, Text } from "@mantine/core";
import Link from "next/link";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { replayStatusLabels } from "#contracts/vocabulary";
import { Ago } from "../../_ui/ago.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { Bytes } from "./bytes.tsx";

/** What was tried before: every replay with its outcome, every version somebody wrote. */
export function LetterHistory({ detail: { replays, edits } }: { detail: LetterDetail }) {
  if (replays.length + edits.length === 0) return <Text size="sm">Nobody has replayed or edited it yet.</Text>;
  return (
    <Stack gap="md">
      {replays.map(({ replayId, runId, runName, status, detail, editNumber, sentAt }) => (
        <div key={replayId}>
          <Group gap="xs">
            <ToneBadge {...replayStatusLabels[status]} />
            <Anchor component={Link} href={`/dead-letters/runs/${runId}`} prefetch={false} size="sm">
              {runName || "Run"}
            </Anchor>
            {sentAt && (
              <Text size="sm" c="dimmed" component="span">
                left <Ago at={sentAt} />
              </Text>
            )}
          </Group>
          {(detail || editNumber !== null) && (
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {[editNumber !== null && `with edit ${editNumber}`, detail].filter(Boolean).join(": ")}
            </Text>
          )}
        </div>
      ))}
      {edits.map(({ number, actor, reason, createdAt, body }) => (
        <details key={number}>
          <summary>
            Edit {number} by {actor}, <Ago at={createdAt} />: {reason}
          </summary>
          <Bytes shown={body} label={`Body of edit ${number}`} />
        </details>
      ))}
    </Stack>
  );
}
