"use client";

import { Anchor, Box, Group, Paper, Stack, Text, Title } from "@mantine/core";
import Link from "next/link";
import type { GroupRow } from "#contracts/api/dead-letters";
import { groupStatusLabels } from "#contracts/vocabulary";
import { Ago } from "../../_ui/ago.tsx";
import { formatCount, formatMoneys } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Sparkline } from "../../_ui/sparkline.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { type ActKind, actLabels, ofGroup } from "../letter-acts/prepare-acts.ts";
import type { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import type { useUrlCorrection } from "../partners/use-url-correction.tsx";
import { prepareCause, prepareTrend } from "./prepare-causes.ts";

export type CauseCardProps = {
  group: GroupRow;
  acts: ReturnType<typeof useLetterActs>;
  correction: ReturnType<typeof useUrlCorrection>;
  /** Why I may not correct a URL; null = I may. */
  partnersRefusal: string | null;
  changeRefusal: string | null;
  onChange(): void;
  /** On its own page the cause needs no link to itself. */
  isAlone?: boolean;
};

/** One cause: what it is, what it costs, who looks after it, what can be done. */
export function CauseCard({ group, isAlone = false, ...rest }: CauseCardProps) {
  const { title, line } = prepareCause(group);
  const headingId = `cause-${group.id}`;
  return (
    <Paper withBorder p="md" component={isAlone ? "section" : "li"} aria-labelledby={headingId}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Box miw={0}>
            <Title order={2} size="h5" id={headingId} style={{ overflowWrap: "anywhere" }}>
              {isAlone ? (
                title
              ) : (
                <Anchor component={Link} href={`/dead-letters/groups/${group.id}`} prefetch={false} inherit c="inherit">
                  {title}
                </Anchor>
              )}
            </Title>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {line}
            </Text>
          </Box>
          <ToneBadge {...groupStatusLabels[group.status]} />
        </Group>
        <Numbers group={group} />
        {group.hint && <Text size="sm">{group.hint}</Text>}
        <Care group={group} />
        <Buttons group={group} title={title} {...rest} />
      </Stack>
    </Paper>
  );
}

function Numbers({ group }: { group: GroupRow }) {
  const more = [
    group.customers > 0 && formatCount(group.customers, "customer"),
    group.replaying > 0 && `${group.replaying} replaying`,
    group.succeeded > 0 && `${group.succeeded} succeeded since`,
  ].filter(Boolean);
  return (
    <Group className="numbers" style={{ gap: "4px 20px" }}>
      <Text fw={650}>{formatCount(group.letters, "letter")}</Text>
      {group.money.length > 0 && <Text fw={650}>{formatMoneys(group.money)}</Text>}
      {more.length > 0 && <Text size="sm">{more.join(", ")}</Text>}
      {group.oldestDiedAt && (
        <Text size="sm" component="span">
          oldest <Ago at={group.oldestDiedAt} />
        </Text>
      )}
      <Text size="sm" component="span" c="dimmed">
        first seen <Ago at={group.firstSeenAt} />
        {group.firstSeenVersion && ` in version ${group.firstSeenVersion}`}, last seen <Ago at={group.lastSeenAt} />
      </Text>
      <Sparkline values={group.trend} label={prepareTrend(group.trend)} />
    </Group>
  );
}

function Care({ group: { owner, note } }: { group: GroupRow }) {
  if (!owner && !note) return null;
  return (
    <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {owner && <strong>{owner}</strong>}
      {owner && note && ": "}
      {note}
    </Text>
  );
}

function Buttons({
  group,
  title,
  acts,
  correction,
  partnersRefusal,
  changeRefusal,
  onChange,
}: CauseCardProps & { title: string }) {
  const button = (kind: ActKind, isMain = false) => (
    <GuardedButton
      size="xs"
      variant={isMain ? "filled" : "default"}
      refusal={group.letters === 0 ? "No letter of this cause waits." : acts.refusal(kind, group.letters)}
      onClick={() =>
        acts.open({
          kind,
          selection: ofGroup(group.id),
          letters: group.letters,
          what: `${formatCount(group.letters, "letter")} of “${title.slice(0, 80)}”`,
        })
      }
    >
      {`${actLabels[kind]}…`}
    </GuardedButton>
  );
  return (
    <Group gap="xs">
      {group.endpoints.map((endpoint) => (
        <GuardedButton key={endpoint.id} size="xs" refusal={partnersRefusal} onClick={() => correction.open(endpoint)}>
          {group.endpoints.length === 1 ? "Correct the URL…" : `Correct the URL of ${endpoint.partner}…`}
        </GuardedButton>
      ))}
      {button("retry", group.endpoints.length === 0)}
      {button("redirect")}
      {button("archive")}
      <GuardedButton size="xs" variant="default" refusal={changeRefusal} onClick={onChange}>
        State and note…
      </GuardedButton>
    </Group>
  );
}
