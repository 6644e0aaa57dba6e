"use client";

import { Alert, Button, Group, NumberInput, Radio, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import type { Catalogue } from "#contracts/api/overview";
import { catalogueQuery } from "../../_queries/catalogue.ts";
import { placeOrder } from "../../_queries/orders.ts";
import { formatMoney } from "../../_ui/format.ts";
import { Panel } from "../../_ui/panel.tsx";
import { FlashSale } from "./flash-sale.tsx";
import { type Preset, prepareOrder, presets, totalCents } from "./prepare-order.ts";

const preselected = new Map([
  ["BOOK-NOTE", 1],
  ["BOOK-TEA", 1],
]);

/** One order in two clicks: the page comes with goods chosen. */
export function PlaceOrderPanel() {
  const router = useRouter();
  const catalogue = useQuery(catalogueQuery);
  const [preset, setPreset] = useState<Preset>("card");
  const [quantities, setQuantities] = useState<ReadonlyMap<string, number>>(preselected);
  // Kept until an order was taken: a second press after a lost answer is the same order.
  const key = useRef(crypto.randomUUID());
  const place = useMutation({
    mutationFn: async () => {
      const order = catalogue.data && prepareOrder(preset, catalogue.data, quantities);
      if (!order) throw new Error("There is no customer to order for. Run the seed.");
      const startedAt = performance.now();
      const reply = await placeOrder(order, key.current);
      return { ...reply, answeredMs: Math.round(performance.now() - startedAt) };
    },
    onSuccess({ orderId, answeredMs }) {
      key.current = crypto.randomUUID();
      router.push(`/orders/${orderId}?answered=${answeredMs}`);
    },
  });
  const change = (sku: string, quantity: number) => {
    key.current = crypto.randomUUID();
    setQuantities(new Map(quantities).set(sku, quantity));
  };

  return (
    <Stack>
      <Title order={1} size="h3">
        Place order
      </Title>
      <Panel title="What should happen?">
        <Radio.Group
          aria-label="What should happen?"
          value={preset}
          onChange={(value) => {
            key.current = crypto.randomUUID();
            setPreset(value as Preset);
          }}
        >
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {Object.entries(presets).map(([name, { label, outcome }]) => (
              <Radio key={name} value={name} label={label} description={outcome} />
            ))}
          </SimpleGrid>
        </Radio.Group>
      </Panel>
      {place.isError && (
        <Alert color="red" variant="outline" title="The order was not taken">
          {place.error.message}
        </Alert>
      )}
      <Group justify="space-between">
        <Text fw={650} size="lg" className="numbers">
          {catalogue.data && preset !== "soldOut"
            ? formatMoney(totalCents(catalogue.data, quantities), "EUR")
            : "\u00a0"}
        </Text>
        <Button size="md" onClick={() => place.mutate()} loading={place.isPending || catalogue.isPending}>
          Place order
        </Button>
      </Group>
      {preset !== "soldOut" && (
        <Panel title="Goods" state={catalogue}>
          {catalogue.data && <Goods catalogue={catalogue.data} quantities={quantities} onChange={change} />}
        </Panel>
      )}
      <FlashSale />
    </Stack>
  );
}

type GoodsProps = {
  catalogue: Catalogue;
  quantities: ReadonlyMap<string, number>;
  onChange(sku: string, quantity: number): void;
};

function Goods({ catalogue, quantities, onChange }: GoodsProps) {
  return (
    <Table verticalSpacing={4}>
      <Table.Tbody>
        {catalogue.products.map(({ sku, name, priceCents, currency }) => (
          <Table.Tr key={sku}>
            <Table.Td>{name}</Table.Td>
            <Table.Td ta="right" className="numbers">
              {formatMoney(priceCents, currency)}
            </Table.Td>
            <Table.Td w={104}>
              <NumberInput
                size="xs"
                min={0}
                max={999}
                aria-label={`Quantity of ${name}`}
                value={quantities.get(sku) ?? 0}
                onChange={(value) => onChange(sku, Number(value) || 0)}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
