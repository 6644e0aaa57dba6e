"use client";

import { Alert, Button, Center, Code, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";

/** Uses the one-time link at a press, not at a look: a preview that fetches the page must not spend it. */
export function SignInCard({ token }: { token?: string }) {
  const [isBusy, setBusy] = useState(false);
  const [isRefused, setRefused] = useState(false);

  const signIn = async () => {
    setBusy(true);
    const answer = await fetch(`/api/auth/magic-link/verify?token=${encodeURIComponent(token ?? "")}`, {
      redirect: "manual",
    });
    if (answer.ok) return window.location.assign("/");
    setBusy(false);
    setRefused(true);
  };

  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={440}>
        <Stack>
          <Title order={1} size="h2">
            Order pipeline
          </Title>
          {isRefused && (
            <Alert color="red" variant="outline" title="This link was used or is too old">
              A link signs in once, within 15 minutes. Run <Code>npm start</Code> again to print a new one.
            </Alert>
          )}
          {token && !isRefused ? (
            <>
              <Text>Your one-time link is ready.</Text>
              <Button onClick={signIn} loading={isBusy} autoFocus>
                Sign in
              </Button>
            </>
          ) : (
            !isRefused && (
              <Text>
                Open the one-time link that <Code>npm start</Code> prints. It signs in once, within 15 minutes; run it
                again for a new one.
              </Text>
            )
          )}
        </Stack>
      </Paper>
    </Center>
  );
}
