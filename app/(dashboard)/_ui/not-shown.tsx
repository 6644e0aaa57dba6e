"use client";

import { Alert, Button, Group, Text } from "@mantine/core";
import Link from "next/link";
import { ApiError } from "../_queries/api.ts";

/** In the place of a page's one thing that did not come: there is none, or nobody can tell as long as something is down. */
export function NotShown({
  what,
  all,
  refusal: { error, refetch },
}: {
  /** Its kind, as in "There is no such order". */
  what: string;
  /** Where those are that can be shown. */
  all: { href: string; label: string };
  refusal: { error: Error | null; refetch(): unknown };
}) {
  const isMissing = error instanceof ApiError && [404, 422].includes(error.status);
  return (
    <Alert
      color="red"
      variant="outline"
      title={isMissing ? `There is no such ${what}` : `The ${what} can't be shown now`}
    >
      <Text size="sm" c="var(--mantine-color-text)">
        {error?.message}
      </Text>
      <Group mt="sm" gap="xs">
        {!isMissing && (
          <Button size="xs" variant="default" onClick={() => refetch()}>
            Try again
          </Button>
        )}
        <Button component={Link} href={all.href} size="xs" variant="default">
          {all.label}
        </Button>
      </Group>
    </Alert>
  );
}
