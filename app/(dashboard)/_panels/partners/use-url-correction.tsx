"use client";

import { Alert, Button, Group, Text } from "@mantine/core";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { LetterAct } from "../letter-acts/prepare-acts.ts";
import { type Correctable, prepareCorrected } from "./prepare-partners.ts";

const CorrectUrlDialog = dynamic(() => import("./correct-url-dialog.tsx").then((module) => module.CorrectUrlDialog), {
  ssr: false,
});

type UrlCorrection = {
  open(endpoint: Correctable): void;
  dialog: ReactNode;
  /** After a correction: what waits, one press away from its replay. */
  banner: ReactNode;
};

/** The partner moved: correct the URL, then replay what died for it. */
export function useUrlCorrection(openAct: (act: LetterAct) => void): UrlCorrection {
  const [open, setOpen] = useState<Correctable | null>(null);
  const [corrected, setCorrected] = useState<Correctable | null>(null);
  return {
    open: setOpen,
    dialog: open && (
      <CorrectUrlDialog
        endpoint={open}
        onClose={() => setOpen(null)}
        onCorrected={(endpoint) => {
          setCorrected(endpoint);
          setOpen(null);
        }}
      />
    ),
    banner: corrected && (
      <Alert
        color="teal"
        variant="outline"
        role="status"
        withCloseButton
        closeButtonLabel="Close"
        onClose={() => setCorrected(null)}
      >
        <Group justify="space-between">
          <Text fw={600} c="var(--mantine-color-text)" style={{ overflowWrap: "anywhere" }}>
            {prepareCorrected(corrected)}
          </Text>
          {corrected.letters > 0 && (
            <Button
              size="xs"
              onClick={() =>
                openAct({
                  kind: "retry",
                  selection: { filter: { status: "unsettled", endpointId: corrected.id } },
                  letters: corrected.letters,
                  what: `what waits for ${corrected.partner}`,
                })
              }
            >
              Replay them
            </Button>
          )}
        </Group>
      </Alert>
    ),
  };
}
