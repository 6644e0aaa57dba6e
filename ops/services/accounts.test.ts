import { expect, test } from "vitest";
import { guardAccount } from "./accounts.ts";

const guard = (account: Parameters<typeof guardAccount>[2], mayChange?: boolean) =>
  guardAccount("RabbitMQ", "order_pipeline", account, { mayChange });

test("an account that another checkout is working with is left alone, and the way out is told", () => {
  for (const mayChange of [true, false])
    expect(() => guard("in use", mayChange)).toThrow(
      /somebody is connected with it\. Stop that one first\..*local\.json/,
    );
});

test("one that nobody uses is taken over, and that is said; who only looks changes nothing", () => {
  expect(guard("idle")).toContain("was another checkout's and is taken over");
  expect(() => guard("idle", false)).toThrow("npm start here would take it over");
});

test("a missing one is made", () => {
  expect(guard("missing")).toBe("with an account made for us");
});
