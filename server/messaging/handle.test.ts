import { expect, test } from "vitest";
import { z } from "zod";
import { event } from "#contracts/message";
import { type Delivery, reach } from "./handle.ts";
import { brief, worker } from "./worker.ts";

// Each message of RabbitMQ comes here alone: a transaction around it, even an empty one, would double its round trips.
test("the outside world is asked without a database, about what is prepared, in the order in which it came", async () => {
  const noted = event("test.noted", { version: 1, body: { note: z.string() } });
  const echo = worker({
    name: "echo",
    on: [noted],
    emits: [],
    retry: brief,
    prepare: async (messages) => messages.map(({ data }) => data.note.length),
    async reach({ data: { note } }, { prepared }) {
      if (note === "bad") throw new Error("not understood");
      return `${note} has ${prepared} letters`;
    },
  });
  const works = ["one", "bad", "three"].map((note) => ({
    delivery: { message: { data: { note } } } as unknown as Delivery,
    prepared: note.length,
    reached: undefined,
  }));
  const outcome = await reach(echo, works);
  expect(outcome.works.map(({ reached }) => reached)).toEqual(["one has 3 letters", "three has 5 letters"]);
  expect(outcome.failed).toMatchObject([{ delivery: works[1]!.delivery, error: { message: "not understood" } }]);
});
