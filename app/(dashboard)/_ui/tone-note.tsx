import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconHelpCircle, IconInfoCircle } from "@tabler/icons-react";
import type { Tone } from "#contracts/vocabulary";
import { TextLink } from "./text-link.tsx";

const looks = {
  good: { color: "teal", icon: IconCircleCheck },
  progress: { color: "blue", icon: IconInfoCircle },
  warn: { color: "yellow", icon: IconAlertTriangle },
  bad: { color: "red", icon: IconCircleX },
  neutral: { color: "gray", icon: IconHelpCircle },
} as const satisfies Record<Tone, object>;

type ToneNoteProps = { tone: Tone; sentence: string; link?: { href: string; label: string } };

/**
 * The one sentence that is read first: its urgency is in the words and the icon, the colour only helps. `link` is where
 * to look next.
 */
export function ToneNote({ tone, sentence, link }: ToneNoteProps) {
  const { color, icon: Icon } = looks[tone];
  return (
    <Alert color={color} variant="outline" role="status" icon={<Icon aria-hidden />}>
      <Text fw={600} c="var(--mantine-color-text)">
        {sentence}
        {link && (
          <>
            {" "}
            <TextLink href={link.href}>{link.label}</TextLink>
          </>
        )}
      </Text>
    </Alert>
  );
}
