"use client";

import { Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRouter } from "next/navigation";
import type { LetterDetail } from "#contracts/api/dead-letters";
import { useRefusal } from "../../_queries/use-refusal.ts";
import { GuardedButton } from "../../_ui/guarded-button.tsx";
import { useKeys } from "../../_ui/use-keys.ts";
import { type ActKind, actLabels } from "../letter-acts/prepare-acts.ts";
import type { useLetterActs } from "../letter-acts/use-letter-acts.tsx";
import type { useUrlCorrection } from "../partners/use-url-correction.tsx";
import { ofLetter, ofOrder, runUnderWay } from "./prepare-letter.ts";

type LetterActionsProps = {
  detail: LetterDetail;
  acts: ReturnType<typeof useLetterActs>;
  correction: ReturnType<typeof useUrlCorrection>;
};

/** What can be done to this letter, by button or by key. */
export function LetterActions({ detail, acts, correction }: LetterActionsProps) {
  const router = useRouter();
  const editRefusal = useRefusal("dead-letters:edit");
  const partnersRefusal = useRefusal("partners:manage");
  const { letter, endpoint, verdict } = detail;
  const isSafe = verdict.verdict === "safe" && letter.status !== "quarantined";
  const order = ofOrder(detail);
  const isArchived = letter.status === "archived";
  const inRun = letter.status === "replaying" ? `It is already in run “${runUnderWay(detail)?.runName ?? ""}”.` : null;
  const archived = isArchived ? "It is archived: restore it first." : null;
  const refusalOf = (kind: ActKind) => inRun ?? (kind === "restore" ? null : archived) ?? acts.refusal(kind, 1);
  const begin = (kind: ActKind) => {
    const refusal = refusalOf(kind);
    if (refusal) notifications.show({ color: "yellow", message: refusal });
    else acts.open({ kind, ...ofLetter(detail) });
  };
  const cantEdit = inRun ?? archived ?? editRefusal;
  const edit = () => {
    if (cantEdit) notifications.show({ color: "yellow", message: cantEdit });
    else router.push(`/dead-letters/letters/${letter.id}/edit`);
  };
  const putAside: ActKind = isArchived ? "restore" : "archive";
  useKeys({ r: () => begin("retry"), e: edit, a: () => begin(putAside) }, !acts.isOpen);
  const button = (kind: ActKind, variant: "filled" | "default" = "default") => (
    <GuardedButton variant={variant} refusal={refusalOf(kind)} onClick={() => begin(kind)}>
      {`${actLabels[kind]}…`}
    </GuardedButton>
  );
  return (
    <Group gap="xs">
      {endpoint && (
        <GuardedButton
          variant="default"
          refusal={partnersRefusal}
          onClick={() => correction.open({ ...endpoint, letters: 1 })}
        >
          Correct the URL…
        </GuardedButton>
      )}
      {!isArchived && button("retry", isSafe ? "filled" : "default")}
      <GuardedButton variant="default" refusal={cantEdit} onClick={edit}>
        Edit…
      </GuardedButton>
      {!isArchived && button("redirect")}
      {button(putAside)}
      {order && (
        <GuardedButton
          variant="default"
          refusal={acts.refusal("retry", null)}
          onClick={() => acts.open({ kind: "retry", ...order })}
        >
          Retry the whole order…
        </GuardedButton>
      )}
    </Group>
  );
}
