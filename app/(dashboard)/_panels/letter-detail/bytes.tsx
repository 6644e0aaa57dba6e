"use client";

import { Button, Code, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { ShownBytes } from "#contracts/api/dead-letters";
import { prepareBytes } from "./prepare-letter.ts";

/** Characters shown before somebody asks for all of them. */
const FIRST = 20_000;

/** Bytes as what they are, with their size and why they are not JSON. */
export function Bytes({ shown, label }: { shown: ShownBytes; label: string }) {
  const [isAll, setAll] = useState(false);
  const { content, line } = prepareBytes(shown);
  const isLong = content !== null && content.length > FIRST && !isAll;
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        {line}
      </Text>
      {content !== null && (
        <Code
          block
          mah={420}
          style={{ overflow: "auto", overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}
          tabIndex={0}
          role="region"
          aria-label={label}
        >
          {isLong ? content.slice(0, FIRST) : content}
        </Code>
      )}
      {isLong && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
          Show all of it
        </Button>
      )}
    </Stack>
  );
}
