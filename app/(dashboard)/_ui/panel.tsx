"use client";

import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** The part of a query that a panel needs to know. */
type PanelState = { isPending: boolean; isError: boolean; error: Error | null; refetch(): unknown };

/** A framed part of a page. It owns loading and error, so that no panel repeats them. */
export function Panel({
  title,
  aside,
  state,
  children,
}: {
  title: string;
  aside?: ReactNode;
  state?: PanelState;
  children: ReactNode;
}) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {title}
          </Title>
          {aside}
        </Group>
        {state?.isPending && <Skeleton height={120} />}
        {state?.isError && (
          <Alert color="red" variant="outline" title="This could not be loaded">
            <Text size="sm">{state.error?.message}</Text>
            <Button mt="xs" size="xs" variant="default" onClick={() => state.refetch()}>
              Try again
            </Button>
          </Alert>
        )}
        {!state?.isPending && !state?.isError && children}
      </Stack>
    </Paper>
  );
}
