import { Table, Text } from "@mantine/core";
import type { StoredHeader } from "#contracts/api/dead-letters";
import { Personal } from "../../_ui/personal.tsx";

/** Headers in their order, duplicates included: exactly what was on the message. */
export function HeaderTable({ headers }: { headers: readonly StoredHeader[] }) {
  if (headers.length === 0) return <Text size="sm">It has no headers.</Text>;
  return (
    <Table verticalSpacing={4} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="36%">Header</Table.Th>
          <Table.Th>Value</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {headers.map(([name, value, encoding], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand there twice; its place tells them apart
          <Table.Tr key={index}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{name}</Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Personal>{value}</Personal>
              {encoding === "base64" && (
                <Text span size="xs" c="dimmed">
                  {" "}
                  (binary, in base64)
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What the broker keeps beside the headers. */
export function PropertyTable({ properties }: { properties: Readonly<Record<string, unknown>> }) {
  const given = Object.entries(properties).filter(([, value]) => value !== null && value !== undefined);
  if (given.length === 0) return <Text size="sm">It has no properties.</Text>;
  return (
    <Table verticalSpacing={4} layout="fixed">
      <Table.Tbody>
        {given.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="36%" fw={500}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              {typeof value === "string" ? value : JSON.stringify(value)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
