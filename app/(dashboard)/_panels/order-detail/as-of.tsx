"use client";

import { Box, Group, Slider, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asOfQuery } from "../../_queries/story.ts";
import { Personal } from "../../_ui/personal.tsx";
import { Time } from "../../_ui/time.tsx";
import { prepareState } from "./prepare-story.ts";

/** The order at any point of its history. It follows the newest event until somebody moves the slider back. */
export function AsOf({ orderId, lastSeq }: { orderId: string; lastSeq: number }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const seq = Math.min(chosen ?? lastSeq, lastSeq);
  const { data, error } = useQuery(asOfQuery(orderId, seq));
  return (
    <Stack gap="xs">
      {lastSeq > 1 && (
        <Slider
          min={1}
          max={lastSeq}
          step={1}
          value={seq}
          onChange={(value) => setChosen(value === lastSeq ? null : value)}
          label={(value) => `Event ${value}`}
          thumbLabel="Event of the history"
          marks={Array.from({ length: lastSeq }, (_, index) => ({ value: index + 1 }))}
          mb="xs"
        />
      )}
      {error && <Text size="sm">{error.message}</Text>}
      {data && (
        <>
          <Group gap="xs" className="numbers">
            <Text size="sm" c="dimmed">
              After event {data.seq} of {data.of}, {data.type},
            </Text>
            <Time at={data.at} />
          </Group>
          <Box style={{ overflowX: "auto" }}>
            <Table variant="vertical" verticalSpacing={4} className="numbers">
              <Table.Tbody>
                {prepareState(data.state).map(([term, value]) => (
                  <Table.Tr key={term}>
                    <Table.Th scope="row" w={130}>
                      {term}
                    </Table.Th>
                    <Table.Td style={{ overflowWrap: "anywhere" }}>
                      <Personal>{value}</Personal>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Box>
        </>
      )}
    </Stack>
  );
}
