import { expect, test } from "vitest";
import { newEnough } from "./rabbitmq.ts";

test("a RabbitMQ older than 3.10 is refused: it can't dead-letter at least once", () => {
  for (const version of ["3.10.8", "3.13.0", "4.0.1", "10.0.0"]) expect(newEnough(version)).toBe(version);
  for (const version of ["3.9.29", "3.2.4", "2.8.1"]) expect(() => newEnough(version)).toThrow("3.10 or newer");
});
