"use client";

import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { FindingRow } from "#contracts/api/findings";
import type { FindingKind } from "#contracts/vocabulary";
import { findingsQuery } from "../../_queries/findings.ts";
import { freshness, panelState } from "../../_queries/freshness.ts";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { Ago } from "../../_ui/ago.tsx";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { LiveNote } from "../../_ui/live-note.tsx";
import { Panel } from "../../_ui/panel.tsx";
import { ToneNote } from "../../_ui/tone-note.tsx";
import { MissingLine, ResolvedLine } from "./missing-line.tsx";
import { kindWords, type MissingKind, missingSentence, prepareKinds, prepareResolved } from "./prepare-missing.ts";

const SendOneDialog = dynamic(() => import("./send-one-dialog.tsx").then((module) => module.SendOneDialog), {
  ssr: false,
});
const SendKindDialog = dynamic(() => import("./send-kind-dialog.tsx").then((module) => module.SendKindDialog), {
  ssr: false,
});

/** What the reconciler misses of all orders, and the way to send it again: one, or all of a kind. */
export function MissingPanel() {
  const query = useQuery(findingsQuery());
  const [one, setOne] = useState<FindingRow | null>(null);
  const [kind, setKind] = useState<FindingKind | null>(null);
  const { data } = query;
  const resolved = data ? prepareResolved(data) : [];
  return (
    <Stack>
      <Panel title="What is missing" aside={<LiveNote {...freshness(query)} />} state={panelState(query)}>
        {data && <ToneNote {...missingSentence(data)} />}
      </Panel>
      {data &&
        prepareKinds(data).map((missing) => (
          <KindPanel key={missing.kind} missing={missing} onSendOne={setOne} onSendAll={() => setKind(missing.kind)} />
        ))}
      {resolved.length > 0 && (
        <Panel title="Resolved lately">
          <Lines label="Resolved lately">
            {resolved.map((finding) => (
              <ResolvedLine key={finding.id} finding={finding} />
            ))}
          </Lines>
        </Panel>
      )}
      {one && <SendOneDialog finding={one} onClose={() => setOne(null)} />}
      {kind && <SendKindDialog kind={kind} onClose={() => setKind(null)} />}
    </Stack>
  );
}

type KindPanelProps = { missing: MissingKind; onSendOne(finding: FindingRow): void; onSendAll(): void };

function KindPanel({ missing, onSendOne, onSendAll }: KindPanelProps) {
  const { kind, label, summary, total, rows, hidden } = missing;
  const refusal = useRefusal("dead-letters:bulk");
  return (
    <Panel
      title={label}
      aside={
        <GuardedButton size="xs" refusal={refusal} onClick={onSendAll} aria-label={`Send all again: ${label}`}>
          Send all again…
        </GuardedButton>
      }
    >
      <Text size="sm" className="numbers">
        <strong>{summary}</strong>, oldest found <Ago at={total.oldestAt} />. {kindWords[kind]}
      </Text>
      <Lines label={label}>
        {rows.map((finding) => (
          <MissingLine key={finding.id} finding={finding} refusal={refusal} onSend={() => onSendOne(finding)} />
        ))}
      </Lines>
      {hidden > 0 && (
        <Text size="sm" c="dimmed">
          The oldest are shown; {hidden.toLocaleString("en-GB")} more are in the count.
        </Text>
      )}
    </Panel>
  );
}

function Lines({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label={label}>
      {children}
    </Stack>
  );
}
