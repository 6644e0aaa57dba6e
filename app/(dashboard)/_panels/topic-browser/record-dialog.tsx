"use client";

import { Anchor, Code, Group, Stack, Table, Text } from "@mantine/core";
import Link from "next/link";
import type { BrowsedRecord } from "#contracts/api/operations";
import { MASK } from "#contracts/personal";
import { Dialog } from "../../_ui/dialog.tsx";
import { FigureTable } from "../../_ui/figure-table.tsx";
import { formatDigits } from "../../_ui/figures.ts";
import { Personal } from "../../_ui/personal.tsx";
import { Time } from "../../_ui/time.tsx";
import { prettyJson } from "./pretty-json.ts";

const columns = [{ label: "Header" }, { label: "Value" }];
const decodings: Record<BrowsedRecord["decodedAs"], string> = {
  json: "Value, JSON",
  avro: "Value, Avro, as JSON",
  text: "Value, text",
  binary: "Value, bytes in base64",
  tombstone: "No value: this record deletes its key",
};

/** One record whole, as far as it was sent: value, key, headers and its order. */
export function RecordDialog({ topic, record, onClose }: { topic: string; record: BrowsedRecord; onClose(): void }) {
  const { partition, offset, at, key, headers, value, isCut, decodedAs, error, schema, orderId } = record;
  return (
    <Dialog title={`${topic}, partition ${partition}, offset ${formatDigits(offset)}`} onClose={onClose} size="xl">
      <Stack gap="sm">
        <Group gap="md">
          <Time at={at} />
          <Text size="sm">
            Key:{" "}
            <Code>
              <Personal>{key ?? "none"}</Personal>
            </Code>
          </Text>
          {orderId && (
            <Anchor component={Link} href={`/orders/${orderId}`} prefetch={false} size="sm">
              Open its order
            </Anchor>
          )}
        </Group>
        {error && <Text size="sm">It could not be decoded: {error}</Text>}
        <Text size="sm" fw={600}>
          {decodings[decodedAs]}
          {schema && `, schema ${schema.id}${schema.name === null ? "" : `, ${schema.name}`}`}
          {isCut && ", cut: the rest was not sent"}
        </Text>
        {value !== null && (
          <Code block mah={420} tabIndex={0} aria-label="Value" style={{ overflow: "auto" }}>
            <Personal>
              {(decodedAs === "json" || decodedAs === "avro") && !isCut && value !== MASK ? prettyJson(value) : value}
            </Personal>
          </Code>
        )}
        {headers.length === 0 ? (
          <Text size="sm">It has no headers.</Text>
        ) : (
          <FigureTable label="Headers" columns={columns} minWidth={420}>
            {headers.map(([name, text], index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a header may come twice with the same value
              <Table.Tr key={`${name} ${index}`}>
                <Table.Td>{name}</Table.Td>
                <Table.Td style={{ wordBreak: "break-all" }}>
                  <Personal>{text}</Personal>
                </Table.Td>
              </Table.Tr>
            ))}
          </FigureTable>
        )}
      </Stack>
    </Dialog>
  );
}
