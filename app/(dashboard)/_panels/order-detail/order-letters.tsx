"use client";

import { Anchor, Group, Stack, Text } from "@mantine/core";
import Link from "next/link";
import type { OrderLetter } from "#contracts/api/orders";
import type { StoryStep } from "#contracts/api/story";
import { deadLetterStatusLabels } from "#contracts/vocabulary";
import { Ago } from "../../_ui/ago.tsx";
import { formatCount } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import { TextLink } from "../../_ui/text-link.tsx";
import { ofOrder } from "../letter-acts/prepare-acts.ts";
import { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import { countWaiting, lettersHref, prepareWaiting } from "./prepare-order-letters.ts";

type OrderLettersProps = {
  orderId: string;
  letters: readonly OrderLetter[];
  /** Left out while the story is on its way. */
  steps?: readonly StoryStep[];
};

/** Every message of the order that died, whatever became of it, and everything that has not come about yet. */
export function OrderLetters({ orderId, letters, steps }: OrderLettersProps) {
  const waiting = steps && prepareWaiting(steps);
  return (
    <Stack gap="sm">
      {letters.length === 0 ? (
        <Text size="sm">No message of this order has died.</Text>
      ) : (
        <>
          <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }} aria-label="Dead letters">
            {letters.map((letter) => (
              <LetterItem key={letter.id} letter={letter} />
            ))}
          </Stack>
          <Group gap="sm">
            <RetryAll orderId={orderId} letters={letters} />
            <Anchor component={Link} href={lettersHref(orderId)} prefetch={false} size="sm">
              {formatCount(letters.length, "dead letter")} of this order in the list
            </Anchor>
          </Group>
        </>
      )}
      {waiting?.length === 0 && <Text size="sm">Nothing of it waits.</Text>}
      {waiting && waiting.length > 0 && (
        <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: "none" }} aria-label="Waiting">
          {waiting.map((step) => (
            <WaitingItem key={step.key} step={step} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

/** Everything of the order that waits for somebody, in one run. */
function RetryAll({ orderId, letters }: Pick<OrderLettersProps, "orderId" | "letters">) {
  const acts = useLetterActs();
  const waiting = countWaiting(letters);
  if (waiting === 0 && !acts.isOpen) return null;
  const what = `${formatCount(waiting, "letter")} of this order`;
  return (
    <>
      <GuardedButton
        size="xs"
        refusal={acts.refusal("retry", waiting)}
        onClick={() => acts.open({ kind: "retry", selection: ofOrder(orderId), letters: waiting, what })}
      >
        {`Retry ${waiting === 1 ? "it" : `all ${waiting}`}…`}
      </GuardedButton>
      {acts.dialog}
    </>
  );
}

function LetterItem({ letter }: { letter: OrderLetter }) {
  const { id, status, messageType, where, errorClass, errorMessage, diedAt } = letter;
  return (
    <li>
      <Group gap="xs">
        <ToneBadge {...deadLetterStatusLabels[status]} />
        <Anchor component={Link} href={`/dead-letters/letters/${id}`} prefetch={false} size="sm" fw={600}>
          {messageType ?? "unknown message"}
        </Anchor>
        <Text size="sm" component="span">
          in {where}, <Ago at={diedAt} />
        </Text>
      </Group>
      <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
        {errorMessage === "" ? errorClass : `${errorClass}: ${errorMessage}`}
      </Text>
    </li>
  );
}

function WaitingItem({ step: { title, detail, href, at } }: { step: StoryStep }) {
  return (
    <li>
      <Text size="sm">
        <strong>Waits:</strong> {href ? <TextLink href={href}>{title}</TextLink> : title}, since <Ago at={at} />
      </Text>
      {detail && (
        <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
          {detail}
        </Text>
      )}
    </li>
  );
}
