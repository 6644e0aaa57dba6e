"use client";

import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { eventReaders } from "#contracts/process-map";
import { queues, topics } from "#contracts/topology";
import { consumersQuery } from "../../_queries/consumers.ts";
import { findQuery } from "../../_queries/find.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { leaveBy } from "../../_ui/unsaved.ts";
import { nav } from "../../nav.ts";
import { groupHref } from "../consumers/prepare-consumers.ts";
import { topicHref } from "../topics/prepare-topics.ts";
import { isId, type Offer, prepareFound, prepareNamed, prepareSearches } from "./prepare-palette.ts";

const [store, spotlight] = createSpotlight();
const TYPING_PAUSE_MS = 150;
/** Named places shown at most; more would push the pages out of sight. */
const MOST = 12;

const places: Offer[] = [
  ...nav.map(({ href, label }) => ({ href, label })),
  ...Object.values(queues).map(({ name }) => ({
    href: `/queues?family=${encodeURIComponent(name)}`,
    label: name,
    description: "Queue",
  })),
  ...Object.values(topics).map(({ name }) => ({ href: topicHref(name), label: name, description: "Topic" })),
];

/** Pages, consumers, queues and topics by name; orders and letters by any of their ids. Opens whenever `opened` grows. */
export function Palette({ opened }: { opened: number }) {
  const router = useRouter();
  const client = useQueryClient();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (opened > 0) spotlight.open();
  }, [opened]);

  const seesPersonalData = useRefusal("personal-data:read") === null;
  const wanted = query.trim();
  const [settled] = useDebouncedValue(wanted, TYPING_PAUSE_MS);
  const found = useQuery({ ...findQuery(settled), enabled: isId(settled) }).data;
  const groups = client.getQueryData(consumersQuery.queryKey)?.groups ?? [];
  // Where the cluster is shared, our topics and groups carry a prefix: what was observed knows it.
  const facts = groups.find(({ worker }) => worker !== null)?.topic ?? topics.orderEvents.name;
  const readers = groups.length > 0 ? groups : eventReaders.map(({ worker }) => ({ group: worker, worker }));
  const consumers = readers.map(({ group, worker }) => ({
    href: groupHref(group),
    label: worker ?? group,
    description: "Consumer",
  }));
  const offers = [
    ...(found && settled === wanted ? prepareFound(found) : []),
    ...prepareSearches(wanted, facts, seesPersonalData),
    ...(wanted === "" ? places.slice(0, nav.length) : prepareNamed(wanted, [...places, ...consumers]).slice(0, MOST)),
  ];
  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut={null} scrollable maxHeight={420}>
      <Spotlight.Search
        placeholder={
          seesPersonalData ? "Order number, order id, customer, or a page" : "Order number, order id, or a page"
        }
        aria-label="Find"
      />
      <Spotlight.ActionsList>
        {offers.map(({ href, label, description }) => (
          <Spotlight.Action
            key={`${href} ${label}`}
            label={label}
            description={description}
            onClick={() => leaveBy(() => router.push(href))}
          />
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
