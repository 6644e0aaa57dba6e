import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import type { Checked } from "./editor-extensions.ts";

/** Everything that speaks against the body as it stands; each line leads to its place. */
export function ProblemList({ checked, onReveal }: { checked: Checked | null; onReveal(path: string): void }) {
  if (!checked)
    return (
      <Text size="sm" role="status">
        The body is being checked.
      </Text>
    );
  if (checked.failure)
    return (
      <Alert color="yellow" variant="outline" role="status">
        <Text size="sm" c="var(--mantine-color-text)">
          It could not be checked: {checked.failure} It is checked again when it is sent.
        </Text>
      </Alert>
    );
  if (checked.problems.length === 0)
    return (
      <Text size="sm" role="status">
        It fits its contract and its order.
      </Text>
    );
  return (
    <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label="Problems" aria-live="polite">
      {checked.problems.map(({ path, message, isFatal }) => (
        <Group component="li" key={`${path} ${message}`} gap="xs">
          <ToneBadge label={isFatal ? "Must be repaired" : "Needs force"} tone={isFatal ? "bad" : "warn"} />
          {path !== "" && (
            <Button size="compact-xs" variant="subtle" onClick={() => onReveal(path)}>
              {path}
            </Button>
          )}
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {message}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
