"use client";

import { Button, Group, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { addRedirect } from "../../_queries/redirects.ts";
import { useRefreshLetters } from "../../_queries/use-refresh-letters.ts";
import { Dialog, Refused } from "../../_ui/dialog.tsx";
import { ReasonField } from "../../_ui/reason-field.tsx";
import { useActKey } from "../../_ui/use-act-key.ts";
import { TargetFields } from "../letter-acts/target-fields.tsx";
import { emptyForm, fromKinds, lives, prepareRedirect, type RedirectForm, withFromKind } from "./prepare-redirects.ts";

/** From now on, and until it ends, what is replayed to one place goes to another. */
export function RedirectDialog({ onClose }: { onClose(): void }) {
  const [form, setForm] = useState<RedirectForm>(emptyForm);
  const set = (change: Partial<RedirectForm>) => setForm({ ...form, ...change });
  const key = useActKey();
  const refresh = useRefreshLetters();
  const prepared = prepareRedirect(form);
  const { target } = form;
  const add = useMutation({
    mutationFn: async () => {
      if ("request" in prepared) await addRedirect(prepared.request, key.keyFor(prepared.request));
    },
    onSuccess() {
      key.forget();
      void refresh();
      onClose();
    },
  });
  return (
    <Dialog title="Add a standing redirect" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if ("request" in prepared) add.mutate();
        }}
      >
        <Stack>
          <Text size="sm">
            It holds for whatever is replayed there until it ends; every page of dead letters says so.
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label="What is redirected"
              data={fromKinds}
              value={form.fromKind}
              onChange={(value) => value && setForm(withFromKind(form, value as RedirectForm["fromKind"]))}
              allowDeselect={false}
            />
            <TextInput
              label="Its name or URL"
              value={form.fromName}
              onChange={({ currentTarget }) => set({ fromName: currentTarget.value })}
              maxLength={2_000}
              required
              data-autofocus
            />
          </SimpleGrid>
          {target.kind === "url" ? (
            <TextInput
              label="To the URL"
              type="url"
              value={target.url}
              onChange={({ currentTarget }) => set({ target: { kind: "url", url: currentTarget.value } })}
              maxLength={2_000}
              required
            />
          ) : (
            <TargetFields target={target} onChange={(next) => set({ target: next })} />
          )}
          <Select
            label="Ends after"
            data={lives}
            value={String(form.expiresInMs)}
            onChange={(value) => value && set({ expiresInMs: Number(value) })}
            allowDeselect={false}
          />
          <ReasonField value={form.reason} onChange={(reason) => set({ reason })} />
          <Refused title="The redirect was not added" error={add.error} />
          <Group justify="flex-end">
            {"missing" in prepared && (
              <Text size="sm" c="dimmed">
                {prepared.missing}
              </Text>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={"missing" in prepared} loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
