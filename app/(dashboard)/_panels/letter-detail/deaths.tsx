import { Box, Code, Stack, Text } from "@mantine/core";
import type { Death } from "#contracts/api/dead-letters";
import { Ago } from "../../_ui/ago.tsx";
import { formatCount } from "../../_ui/format.ts";
import { describeOrigin, describeWorker, prepareAttempts, prepareEarlier } from "./prepare-letter.ts";

/** Every death, the last one first and open. */
export function Deaths({ deaths }: { deaths: readonly Death[] }) {
  const newestFirst = deaths.toSorted((a, b) => b.number - a.number);
  return (
    <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: "none" }}>
      {newestFirst.map((death, index) => (
        <Box component="li" key={death.number} className="timeline-line" pl="md">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {death.errorClass}: {death.errorMessage}
          </Text>
          <Text size="sm" className="numbers">
            Death {death.number}, <Ago at={death.failedAt} />: {describeWorker(death)} gave up after{" "}
            {prepareAttempts(death)}
            {death.replayId && ", after a replay"}
          </Text>
          <Text size="xs" c="dimmed" className="numbers" style={{ overflowWrap: "anywhere" }}>
            Came from {describeOrigin(death.origin)}
          </Text>
          <EarlierAttempts death={death} />
          <StackOf stack={death.errorStack} isOpen={index === 0} />
        </Box>
      ))}
    </Stack>
  );
}

/** What the attempts before the last one failed of: the same error each time, or another? */
function EarlierAttempts({ death }: { death: Death }) {
  const attempts = prepareEarlier(death);
  if (attempts.length === 0) return null;
  return (
    <details>
      <summary style={{ fontSize: "var(--mantine-font-size-sm)" }}>
        {formatCount(attempts.length, "earlier attempt")}
      </summary>
      <Stack component="ol" gap="xs" m={0} p={0} pl="xs" mt={4} style={{ listStyle: "none" }} aria-label="Attempts">
        {attempts.map(({ number, failedAt, errorClass, errorMessage, errorStack, by }) => (
          <li key={number}>
            <Text size="sm" className="numbers" style={{ overflowWrap: "anywhere" }}>
              Attempt {number}, <Ago at={failedAt} />: {errorClass}: {errorMessage}
            </Text>
            {by && (
              <Text size="xs" c="dimmed">
                by {by}
              </Text>
            )}
            <StackOf stack={errorStack} isOpen={false} />
          </li>
        ))}
      </Stack>
    </details>
  );
}

function StackOf({ stack, isOpen }: { stack: string; isOpen: boolean }) {
  if (stack === "") return null;
  return (
    <details open={isOpen}>
      <summary style={{ fontSize: "var(--mantine-font-size-sm)" }}>Stack</summary>
      <Code block mt={4} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {stack}
      </Code>
    </details>
  );
}
