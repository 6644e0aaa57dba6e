"use client";

import { Alert, Modal, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";

type DialogProps = { title: string; onClose(): void; size?: "md" | "lg" | "xl"; children: ReactNode };

/** A dialog over the page; on a telephone it is the page. */
export function Dialog({ title, onClose, size = "lg", children }: DialogProps) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false);
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <Text fw={650} component="span">
          {title}
        </Text>
      }
      size={size}
      fullScreen={isNarrow}
      closeButtonProps={{ "aria-label": "Close", size: 28 }}
      transitionProps={{ duration: 0 }}
    >
      {children}
    </Modal>
  );
}

/** What the server said instead of doing it. */
export function Refused({ title, error }: { title: string; error: Error | null }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="outline" title={title} role="alert">
      {error.message}
    </Alert>
  );
}
