"use client";

import { Button, Group, NumberInput, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { GeneratorChange } from "#contracts/api/overview";
import { changeGenerator, generatorQuery } from "../../_queries/generator.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Refused } from "../../_ui/dialog.tsx";
import { formatCount } from "../../_ui/format.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { prepareFlashSale } from "./prepare-order.ts";

/** Many test orders at an even pace, to see whether the pipeline keeps up; not there without the demo. */
export function FlashSale() {
  const client = useQueryClient();
  const generator = useQuery(generatorQuery).data;
  const refusal = useRefusal("generator:control");
  const [ratePerMinute, setRate] = useState<number | string>(2_000);
  const [minutes, setMinutes] = useState<number | string>(1);
  const change = useMutation({
    mutationFn: changeGenerator,
    onSuccess: (state) => client.setQueryData(generatorQuery.queryKey, state),
  });
  if (!generator) return null;
  const sale = generator.flashSale;
  const wanted = GeneratorChange.safeParse({ flashSale: { ratePerMinute, minutes } });
  const progress = sale && prepareFlashSale(sale);
  return (
    <Panel title="Flash sale">
      <Text size="sm">
        Test orders at an even pace, by the order generator: some cards are declined, some streets do not exist.
      </Text>
      <Group align="flex-end" gap="xs">
        <NumberInput label="Orders a minute" min={1} max={6_000} value={ratePerMinute} onChange={setRate} w={140} />
        <NumberInput
          label="Minutes"
          min={0.1}
          max={60}
          decimalScale={1}
          value={minutes}
          onChange={setMinutes}
          w={110}
        />
        {sale?.isRunning ? (
          <GuardedButton
            color="red"
            variant="outline"
            refusal={refusal}
            loading={change.isPending}
            onClick={() => change.mutate({ flashSale: null })}
          >
            Stop the flash sale
          </GuardedButton>
        ) : refusal === null ? (
          <Button
            variant="default"
            disabled={!wanted.success}
            loading={change.isPending}
            onClick={() => wanted.success && change.mutate(wanted.data)}
          >
            Start the flash sale
          </Button>
        ) : (
          <GuardedButton variant="default" refusal={refusal}>
            Start the flash sale
          </GuardedButton>
        )}
      </Group>
      {sale && progress && (
        <Stack gap={4}>
          <Progress value={progress.percent} aria-label="Progress of the flash sale" />
          <Text size="sm" className="numbers" role="status">
            {progress.sentence}
          </Text>
          {sale.refused > 0 && (
            <Text size="sm" c="red" className="numbers">
              {formatCount(sale.refused, "order was", "orders were")} refused by the shop
            </Text>
          )}
        </Stack>
      )}
      <Refused title="The flash sale did not change" error={change.error} />
    </Panel>
  );
}
