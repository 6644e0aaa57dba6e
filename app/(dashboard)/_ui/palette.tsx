"use client";

import "@mantine/spotlight/styles.css";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { nav } from "../nav.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const [store, spotlight] = createSpotlight();

/** Pages and orders by name, number or id. Opens whenever `opened` grows. */
export function Palette({ opened }: { opened: number }) {
  const router = useRouter();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (opened > 0) spotlight.open();
  }, [opened]);

  const wanted = query.trim();
  const pages = nav.filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()));
  const target = uuid.test(wanted) ? `/orders/${wanted}` : `/orders?search=${encodeURIComponent(wanted)}`;
  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut={null}>
      <Spotlight.Search placeholder="Order number, order id, customer, or a page" aria-label="Find" />
      <Spotlight.ActionsList>
        {wanted !== "" && (
          <Spotlight.Action label={`Find “${wanted}” in the orders`} onClick={() => router.push(target)} />
        )}
        {pages.map(({ href, label }) => (
          <Spotlight.Action key={href} label={label} onClick={() => router.push(href)} />
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
