import { describe, expect, test } from "vitest";
import type { AlertRow, RuleRow } from "#contracts/api/alerts";
import { alertsSentence, countFiring, prepareChannel, prepareRuleChange, toRuleForm } from "./prepare-alerts.ts";

const alert = (status: AlertRow["status"], isSilenced = false): AlertRow => ({
  ...{ id: "1", rule: "lag", subject: "group:a", status, summary: "much waits", href: "/", value: 1, isSilenced },
  ...{ since: "2026-11-21T10:00:00Z", firedAt: null, acknowledgedBy: null, resolvedAt: null },
});
const rule: RuleRow = {
  ...{
    id: "lag",
    label: "Too much waits",
    sentence: "",
    isEnabled: true,
    threshold: 10,
    unit: "messages",
    forMs: 30_000,
  },
};

describe("the number in the frame", () => {
  test("counts what nobody has taken on and nobody has silenced", () => {
    const alerts = [alert("firing"), alert("firing", true), alert("acknowledged"), alert("pending"), alert("resolved")];
    expect(countFiring(alerts)).toBe(1);
    expect(alertsSentence(alerts, true)).toEqual({
      sentence: "1 alert needs somebody, 1 acknowledged, 1 silenced.",
      tone: "bad",
    });
  });
  test("is nothing to speak of when all is well", () => {
    expect(alertsSentence([alert("resolved"), alert("pending")], true)).toEqual({
      sentence: "No alert.",
      tone: "good",
    });
    expect(alertsSentence([alert("acknowledged")], true).sentence).toBe("Nothing new: 1 acknowledged.");
  });
  test("nothing is well while nobody looks, and what is bad stays bad", () => {
    expect(alertsSentence([], false)).toEqual({
      sentence: "Nobody watches now: no alert begins or ends. At the last look: No alert.",
      tone: "warn",
    });
    expect(alertsSentence([alert("firing")], false).tone).toBe("bad");
  });
});

describe("a rule's form", () => {
  test("asks only for what was changed", () => {
    expect(prepareRuleChange(rule, toRuleForm(rule))).toBeNull();
    expect(prepareRuleChange(rule, { ...toRuleForm(rule), threshold: 5 })).toEqual({ threshold: 5 });
    expect(prepareRuleChange(rule, { ...toRuleForm(rule), isEnabled: false, forSeconds: 60 })).toEqual({
      isEnabled: false,
      forMs: 60_000,
    });
  });
  test.each(["", -1])("asks for nothing while a number is %j", (threshold) => {
    expect(prepareRuleChange(rule, { ...toRuleForm(rule), threshold })).toBeNull();
    expect(prepareRuleChange(rule, { ...toRuleForm(rule), forSeconds: threshold })).toBeNull();
  });
});

test.each([
  ["night@shop.test", { kind: "email", address: "night@shop.test" }],
  [" https://hooks.shop.test/a ", { kind: "webhook", address: "https://hooks.shop.test/a" }],
  ["nobody", null],
])("a channel is a mail address or a URL: %j", (text, channel) => expect(prepareChannel(text)).toEqual(channel));
