// biome-ignore-all lint/a11y/useSemanticElements: there is no element for a toolbar
"use client";

import { Anchor, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { exportChosen, exportHref } from "../../_queries/dead-letters.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { type ActKind, actLabels } from "../letter-acts/prepare-acts.ts";
import type { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import type { UrlFilter } from "./prepare-filter.ts";
import { type Chosen, describeChosen, describeExport, prepareTooMany } from "./prepare-selection.ts";

type BulkBarProps = {
  chosen: Chosen;
  filter: UrlFilter;
  refusal: ReturnType<typeof useLetterActs>["refusal"];
  onBulk(kind: ActKind): void;
  onChooseAll(): void;
  onClear(): void;
};

const waiting: readonly ActKind[] = ["retry", "redirect", "archive"];
const archived: readonly ActKind[] = ["restore", "purge"];

/** What can be done to the chosen letters. It is always there, so that nothing jumps when one is chosen. */
export function BulkBar({ chosen, filter, refusal, onBulk, onChooseAll, onClear }: BulkBarProps) {
  const count = chosen.isAll ? null : chosen.ids.size;
  const tooMany = prepareTooMany(chosen);
  const kinds = filter.status === "archived" ? archived : waiting;
  return (
    <Group justify="space-between" gap="xs" role="toolbar" aria-label="Selected letters">
      <Group gap="xs">
        {kinds.map((kind, index) => (
          <GuardedButton
            key={kind}
            size="xs"
            variant={index === 0 ? "filled" : "default"}
            refusal={tooMany ?? refusal(kind, count)}
            onClick={() => onBulk(kind)}
          >
            {`${actLabels[kind]}…`}
          </GuardedButton>
        ))}
        <Text size="sm" role="status" className="numbers">
          {describeChosen(chosen)}
        </Text>
        {!chosen.isAll && (
          <Button size="compact-xs" variant="subtle" onClick={onChooseAll}>
            Select all that match
          </Button>
        )}
        {(chosen.isAll || chosen.ids.size > 0) && (
          <Button size="compact-xs" variant="subtle" onClick={onClear}>
            Clear
          </Button>
        )}
      </Group>
      <Export chosen={chosen} filter={filter} tooMany={tooMany} />
    </Group>
  );
}

const formats = ["csv", "json"] as const;

/** A file of the chosen letters; of all that match while none is chosen. */
function Export({ chosen, filter, tooMany }: Pick<BulkBarProps, "chosen" | "filter"> & { tooMany: string | null }) {
  const words = describeExport(chosen);
  const send = useMutation({
    mutationFn: (format: (typeof formats)[number]) => exportChosen([...chosen.ids], format),
    onError: ({ message }) => notifications.show({ color: "red", title: "Nothing was exported", message }),
  });
  const isAll = chosen.isAll || chosen.ids.size === 0;
  return (
    <Group gap="xs">
      <Text size="sm" className="numbers">
        {words}
      </Text>
      {formats.map((format) => {
        const name = format.toUpperCase();
        const label = `${words} ${name}`;
        return isAll ? (
          <Anchor key={format} size="sm" href={exportHref(filter, format)} download aria-label={label}>
            {name}
          </Anchor>
        ) : (
          <GuardedButton
            key={format}
            size="compact-sm"
            variant="default"
            refusal={tooMany}
            loading={send.isPending && send.variables === format}
            onClick={() => send.mutate(format)}
            aria-label={label}
          >
            {name}
          </GuardedButton>
        );
      })}
    </Group>
  );
}
