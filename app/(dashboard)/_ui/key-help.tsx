"use client";

import { Group, Kbd, SimpleGrid, Stack, Text } from "@mantine/core";
import { Dialog } from "./dialog.tsx";
import { keyHelp } from "./keys.ts";

/** All keys on one page. */
export function KeyHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose} size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {keyHelp.map(({ title, keys }) => (
          <Stack key={title} gap={6}>
            <Text fw={650} size="sm">
              {title}
            </Text>
            {keys.map(({ keys: names, does }) => (
              <Group key={does} gap="xs" wrap="nowrap" align="start">
                <Group gap={4} w={110} style={{ flexShrink: 0 }}>
                  {names.map((name) => (
                    <Kbd key={name} size="xs">
                      {name}
                    </Kbd>
                  ))}
                </Group>
                <Text size="sm">{does}</Text>
              </Group>
            ))}
          </Stack>
        ))}
      </SimpleGrid>
    </Dialog>
  );
}
