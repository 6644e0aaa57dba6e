"use client";

import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { redirectListQuery } from "../../_queries/redirects.ts";
import { TextLink } from "../../_ui/text-link.tsx";
import { prepareRedirectBanner } from "./prepare-redirect-banner.ts";

/** While a standing redirect is active, nobody who replays letters can miss it. */
export function RedirectBanner() {
  const redirects = useQuery(redirectListQuery).data?.redirects;
  const sentence = redirects && prepareRedirectBanner(redirects, Date.now());
  if (!sentence) return null;
  return (
    <Alert color="yellow" variant="outline" mb="md" role="status" aria-label="Standing redirects">
      <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: "anywhere" }}>
        {sentence}{" "}
        <TextLink href="/partners#redirects" c="inherit">
          See the redirects
        </TextLink>
      </Text>
    </Alert>
  );
}
