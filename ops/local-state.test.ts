import { expect, test } from "vitest";
import { newSecret } from "./local-state.ts";

test("a secret never begins with a dash, which rabbitmqctl would take for an option", () => {
  for (let draw = 0; draw < 1000; draw++) expect(newSecret()).toMatch(/^[0-9a-f]{64}$/);
});
