"use client";

import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { orderStatuses, orderStatusLabels } from "#contracts/vocabulary";
import { panelState, streamed } from "../../_queries/freshness.ts";
import { isKeptFresh } from "../../_queries/order-news.ts";
import { orderListQuery } from "../../_queries/orders.ts";
import type { Liveness } from "../../_queries/use-live.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { LiveNote } from "../../_ui/live-note.tsx";
import { NoOrders } from "../../_ui/no-orders.tsx";
import { OrderTable } from "../../_ui/order-table.tsx";
import { Panel } from "../../_ui/panel.tsx";

const statusOptions = orderStatuses.map((value) => ({ value, label: orderStatusLabels[value].label }));

/** All orders; the filter lives in the URL, so a link shows what I see. `stream` is what keeps them fresh. */
export function OrderListPanel({ stream }: { stream: Liveness }) {
  const client = useQueryClient();
  const router = useRouter();
  const params = useSearchParams();
  const filter = { status: params.get("status") ?? undefined, search: params.get("search") ?? undefined };
  const isMasked = useRefusal("personal-data:read") !== null;
  const query = orderListQuery(filter);
  const list = useInfiniteQuery(query);
  const orders = list.data?.pages.flatMap((page) => page.orders) ?? [];
  const isFiltered = filter.status !== undefined || filter.search !== undefined;

  const setFilter = (name: string, value: string | null) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    router.replace(`/orders?${next}`);
  };

  return (
    <Stack>
      <Group align="end">
        <TextInput
          label="Find"
          placeholder={isMasked ? "Number or id" : "Number, id or customer"}
          defaultValue={filter.search}
          key={filter.search}
          onKeyDown={(event) => event.key === "Enter" && setFilter("search", event.currentTarget.value.trim())}
          onBlur={(event) =>
            event.currentTarget.value.trim() !== (filter.search ?? "") &&
            setFilter("search", event.currentTarget.value.trim())
          }
          w={{ base: "100%", xs: 260 }}
        />
        <Select
          label="Status"
          placeholder="Any"
          clearable
          data={statusOptions}
          value={filter.status ?? null}
          onChange={(value) => setFilter("status", value)}
        />
      </Group>
      <Panel
        title={isFiltered ? "Matching orders" : "Newest first"}
        state={panelState(list)}
        aside={<LiveNote {...streamed(stream, list)} />}
      >
        {orders.length > 0 ? (
          <OrderTable orders={orders} />
        ) : isFiltered ? (
          <Text>No order matches. Clear the filter to see all.</Text>
        ) : (
          <NoOrders />
        )}
        {list.hasNextPage && (
          <Button variant="default" onClick={() => list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Show more
          </Button>
        )}
        {list.data && !isKeptFresh(list.data) && (
          <Button size="compact-xs" variant="subtle" onClick={() => client.resetQueries({ queryKey: query.queryKey })}>
            So long a list takes in no new orders: begin anew
          </Button>
        )}
      </Panel>
    </Stack>
  );
}
