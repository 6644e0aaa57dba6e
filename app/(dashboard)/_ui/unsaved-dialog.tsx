"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "./dialog.tsx";
import { useUnsaved } from "./unsaved.ts";

/** Asks before what is not saved on this page is lost. `what` would be lost, in a sentence. */
export function UnsavedDialog({ isUnsaved, what }: { isUnsaved: boolean; what: string }) {
  const [isAgreed, agree] = useState(false);
  const { leaving, stay } = useUnsaved(isUnsaved && !isAgreed);
  if (!leaving || isAgreed) return null;
  return (
    <Dialog title="Leave without sending it?" onClose={stay} size="md">
      <Stack>
        <Text size="sm">{what}</Text>
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => {
              agree(true);
              // After the guard is taken away: Back would be held again.
              setTimeout(leaving);
            }}
          >
            Leave
          </Button>
          <Button onClick={stay} data-autofocus>
            Stay here
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
