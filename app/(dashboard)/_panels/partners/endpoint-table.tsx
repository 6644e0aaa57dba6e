"use client";

import { Anchor, ScrollArea, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { z } from "zod";
import type { EndpointRow } from "#contracts/api/redirects";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { formatCount } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { ToneBadge } from "../../_ui/status-badge.tsx";
import type { Correctable } from "./prepare-partners.ts";

type EndpointTableProps = {
  endpoints: readonly z.infer<typeof EndpointRow>[];
  onCorrect(endpoint: Correctable): void;
};

/** Each endpoint with what reaches it and what does not. */
export function EndpointTable({ endpoints, onCorrect }: EndpointTableProps) {
  const refusal = useRefusal("partners:manage");
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Webhook endpoints" }}>
      <Table verticalSpacing={8} miw={820}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Partner</Table.Th>
            <Table.Th>URL</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Dead letters</Table.Th>
            <Table.Th ta="right">Delivered, last day</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {endpoints.map(
            ({ id, partner, url, factTypes, isActive, deliveredLastDay, lastDeliveredAt, deadLetters }) => (
              <Table.Tr key={id}>
                <Table.Td fw={600}>{partner}</Table.Td>
                <Table.Td maw={320} style={{ overflowWrap: "anywhere" }}>
                  {url}
                  <Text size="xs" c="dimmed">
                    {factTypes.join(", ")}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <ToneBadge label={isActive ? "Active" : "Not active"} tone={isActive ? "good" : "neutral"} />
                </Table.Td>
                <Table.Td ta="right">
                  {deadLetters > 0 ? (
                    <Anchor
                      component={Link}
                      href={`/dead-letters?tab=letters&endpointId=${id}`}
                      prefetch={false}
                      size="sm"
                      fw={600}
                      aria-label={`${formatCount(deadLetters, "dead letter")} of ${partner}`}
                    >
                      {deadLetters.toLocaleString("en-GB")}
                    </Anchor>
                  ) : (
                    "0"
                  )}
                </Table.Td>
                <Table.Td ta="right">
                  {deliveredLastDay.toLocaleString("en-GB")}
                  <Text size="xs" c="dimmed">
                    {lastDeliveredAt ? (
                      <>
                        last <Ago at={lastDeliveredAt} size="xs" />
                      </>
                    ) : (
                      "never yet"
                    )}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <GuardedButton
                    size="xs"
                    variant={deadLetters > 0 ? "filled" : "default"}
                    refusal={refusal}
                    onClick={() => onCorrect({ id, partner, url, letters: deadLetters })}
                  >
                    Correct the URL…
                  </GuardedButton>
                </Table.Td>
              </Table.Tr>
            ),
          )}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
