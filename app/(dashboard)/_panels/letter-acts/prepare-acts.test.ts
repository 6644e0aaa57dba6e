import { describe, expect, test } from "vitest";
import { permissionsByRole } from "#contracts/permissions";
import type { Role } from "#contracts/vocabulary";
import { type ActKind, prepareRefusal } from "./prepare-acts.ts";

const somebody = (role: Role) => ({ role, permissions: permissionsByRole[role] });

describe("who may do what to dead letters", () => {
  test.each<[Role, ActKind, number | null, boolean]>([
    ["viewer", "retry", 1, false],
    ["operator", "retry", 1, true],
    ["operator", "retry", 2, false],
    ["operator", "retry", null, false],
    ["operator", "archive", 1, false],
    ["operator", "redirect", 1, false],
    ["lead", "retry", 412, true],
    ["lead", "redirect", null, true],
    ["lead", "archive", 1, true],
    ["admin", "purge", 9, true],
  ])("a %s asked to %s %s letters", (role, kind, letters, may) => {
    const refusal = prepareRefusal(kind, letters, somebody(role));
    expect(refusal === null).toBe(may);
    if (!may) expect(refusal).toContain(role);
  });

  test("nobody acts on nothing, or before it is known who asks", () => {
    expect(prepareRefusal("retry", 0, somebody("admin"))).toBe("No letter is selected.");
    expect(prepareRefusal("retry", 1, undefined)).toBe("Your role is not known yet.");
  });
});
