"use client";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { type ReactNode, useState } from "react";
import { ApiError } from "./(dashboard)/_queries/api.ts";
import { theme } from "./theme.ts";

/** Once more after a failure; what the API refuses it would refuse again. */
const retry = (failures: number, error: Error) => failures < 1 && !(error instanceof ApiError && error.status < 500);

/** What every page stands on. `nonce` lets the component library's style elements through the content policy. */
export function Providers({ nonce, children }: { nonce?: string; children: ReactNode }) {
  // The scroll lock under dialogs makes a style element of its own and asks this package for the nonce.
  if (nonce) setNonce(nonce);
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry, refetchOnWindowFocus: false } } }),
  );
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ""}>
      <QueryClientProvider client={client}>
        {children}
        <Notifications position="bottom-right" />
      </QueryClientProvider>
    </MantineProvider>
  );
}
