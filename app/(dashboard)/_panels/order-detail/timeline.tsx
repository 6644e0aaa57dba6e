"use client";

import { Box, Group, Stack, Switch, Text } from "@mantine/core";
import {
  IconArrowBackUp,
  IconBuildingBank,
  IconDatabase,
  IconFileText,
  IconMail,
  IconRefresh,
  IconRobot,
  IconShoppingCart,
  IconSkull,
  IconStack2,
  IconTimeline,
  IconWebhook,
} from "@tabler/icons-react";
import { useState } from "react";
import type { StoryStep } from "#contracts/api/story";
import { formatCount, formatDuration } from "../../_ui/format.ts";
import { TextLink } from "../../_ui/text-link.tsx";
import { Time } from "../../_ui/time.tsx";
import { type Chapter, prepareLength, prepareStory } from "./prepare-story.ts";

const icons: Record<StoryStep["place"], typeof IconMail> = {
  checkout: IconShoppingCart,
  outbox: IconDatabase,
  kafka: IconTimeline,
  worker: IconRobot,
  queue: IconStack2,
  retry: IconRefresh,
  dead_letter: IconSkull,
  replay: IconArrowBackUp,
  mail: IconMail,
  document: IconFileText,
  webhook: IconWebhook,
  provider: IconBuildingBank,
};

/** The whole story, event by event; what failed or waits for another attempt is open. */
export function Timeline({ steps }: { steps: readonly StoryStep[] }) {
  const [showsAll, setShowsAll] = useState(false);
  return (
    <Stack gap="sm">
      <Switch
        size="xs"
        label="Show every step"
        checked={showsAll}
        onChange={({ currentTarget }) => setShowsAll(currentTarget.checked)}
      />
      <Stack gap={0} component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {prepareStory(steps).map((chapter) => (
          <ChapterItem key={chapter.step.key} chapter={chapter} showsAll={showsAll} />
        ))}
      </Stack>
    </Stack>
  );
}

function ChapterItem({
  chapter: { step, tookMs, under, troubles },
  showsAll,
}: {
  chapter: Chapter;
  showsAll: boolean;
}) {
  const Icon = icons[step.place];
  return (
    <Box component="li" className="timeline-line" pl="md" pb="sm">
      <Group justify="space-between" wrap="nowrap" align="baseline">
        <Group gap={6} wrap="nowrap" align="center">
          <Icon size={16} aria-hidden />
          <Text fw={600} c={colorOf(step)}>
            {step.title}
          </Text>
        </Group>
        <Group gap="xs" wrap="nowrap" className="numbers">
          {tookMs !== null && (
            <Text size="sm" c="dimmed">
              +{formatDuration(tookMs)}
            </Text>
          )}
          <Time at={step.at} />
        </Group>
      </Group>
      <Text size="xs" c="dimmed" className="numbers" style={{ overflowWrap: "anywhere" }}>
        {[step.detail, step.place === "outbox" && step.status === "waiting" ? "on its way to Kafka" : null]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {under.length > 0 && (
        // Keyed by what opens it, so that a new failure opens it and a reader's own click holds until then.
        <details key={`${showsAll} ${troubles > 0}`} open={showsAll || troubles > 0}>
          <Text component="summary" size="xs" style={{ cursor: "pointer" }}>
            {formatCount(under.length, "step")}
            {troubles > 0 ? `, ${formatCount(troubles, "of them needs", "of them need")} a look` : ""}
          </Text>
          <Stack gap={4} component="ul" m={0} pl="xs" mt={4} style={{ listStyle: "none" }}>
            {under.map((one) => (
              <StepItem key={one.key} step={one} />
            ))}
          </Stack>
        </details>
      )}
    </Box>
  );
}

function StepItem({ step }: { step: StoryStep }) {
  const Icon = icons[step.place];
  const length = prepareLength(step);
  return (
    <Box component="li">
      <Group gap={6} justify="space-between" wrap="nowrap" align="baseline">
        <Group gap={6} wrap="nowrap" align="center" style={{ minWidth: 0 }}>
          <Icon size={14} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" c={colorOf(step)} style={{ overflowWrap: "anywhere" }}>
            {step.href ? (
              <TextLink href={step.href} c="inherit">
                {step.title}
              </TextLink>
            ) : (
              step.title
            )}
            {step.status === "waiting" ? " (waiting)" : ""}
          </Text>
        </Group>
        <Group gap="xs" wrap="nowrap" className="numbers">
          {length && (
            <Text size="xs" c="dimmed">
              {length}
            </Text>
          )}
          <Time at={step.at} />
        </Group>
      </Group>
      {step.detail && (
        <Text size="xs" c="dimmed" pl={20} style={{ overflowWrap: "anywhere" }}>
          {step.detail}
        </Text>
      )}
    </Box>
  );
}

const colorOf = ({ status }: StoryStep) =>
  status === "failed" || status === "dead" ? "var(--mantine-color-error)" : undefined;
