"use client";

import { Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { alertsQuery } from "../../_queries/alerts.ts";
import { countFiring } from "./prepare-alerts.ts";

/** How many alerts need somebody; nothing while none does. */
export function FiringCount() {
  const firing = countFiring(useQuery(alertsQuery).data?.alerts ?? []);
  if (firing === 0) return null;
  return (
    <Badge color="red" variant="outline" c="inherit" size="sm" className="numbers" aria-label={`${firing} firing`}>
      {firing}
    </Badge>
  );
}
