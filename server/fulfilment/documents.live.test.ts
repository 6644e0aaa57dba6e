import { inflateSync } from "node:zlib";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { renderInvoice, renderLabel } from "#contracts/messages/fulfilment";
import type { Delivery, Handled } from "#server/messaging/handle";
import { transaction } from "#server/messaging/transaction";
import type { WorkerDefinition } from "#server/messaging/worker";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { renderInvoiceWorker } from "#workers/render-invoice";
import { renderLabelWorker } from "#workers/render-label";
import { workerStage } from "#workers/worker-test-stage";
import { takeNumbers } from "./documents.ts";

const stage = workerStage("http://127.0.0.1:9");

/** Asks a worker for an order's paper, as RabbitMQ would. */
function ask(worker: WorkerDefinition, type: string, orderId: string, data: Record<string, unknown>): Promise<Handled> {
  const message = {
    id: uuidv7(),
    type,
    version: 1,
    orderId,
    seq: 0,
    occurredAt: new Date().toISOString(),
    source: "test",
    correlationId: orderId,
    causationId: null,
    data,
  };
  const raw = { key: null, value: Buffer.from(JSON.stringify(message)), headers: [] };
  return stage.handle(worker, [{ message, raw, attempts: 0 } as unknown as Delivery]);
}
const askForInvoice = (orderId: string) => ask(renderInvoiceWorker, renderInvoice.type, orderId, { orderNumber: 1 });
const parcel = { orderNumber: 1, carrier: "Sandbox Parcel", trackingNumber: "SB1234567890DE" };
const askForLabel = (orderId: string) => ask(renderLabelWorker, renderLabel.type, orderId, parcel);

const numbersOf = async (kind: string) =>
  (await db.rows<{ number: number }>(sql`SELECT number FROM documents WHERE kind = ${kind} ORDER BY number`)).map(
    ({ number }) => number,
  );
const numberOf = async (orderId: string) =>
  (
    await db.rows<{ number: number }>(
      sql`SELECT number FROM documents WHERE kind = 'invoice' AND order_id = ${orderId}::uuid`,
    )
  )[0]?.number;
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** The texts of a PDF in the order in which they are drawn: of its compressed streams, what the show-text operators hold. */
function textsOf(pdf: Buffer): string[] {
  const streams = pdf.toString("latin1").matchAll(/\/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream/gs);
  const content = [...streams].map(([, bytes]) => inflateSync(Buffer.from(bytes!, "latin1")).toString("latin1")).join();
  return [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, shown]) => {
    const hex = [...shown!.matchAll(/<([0-9a-f]+)>/g)].map(([, digits]) => digits).join("");
    return new TextDecoder("windows-1252").decode(Buffer.from(hex, "hex"));
  });
}

async function paperOf(orderId: string, kind: string) {
  const [paper] = await db.rows<{ content: Buffer; number: number; orderNumber: number }>(sql`
    SELECT d.content, d.number, o.number AS "orderNumber" FROM documents d JOIN orders o ON o.id = d.order_id
     WHERE d.order_id = ${orderId}::uuid AND d.kind = ${kind}`);
  expect(paper!.content.subarray(0, 5).toString()).toBe("%PDF-");
  return { ...paper!, texts: textsOf(paper!.content) };
}

describe("invoice numbers", () => {
  test("have no gap and no repeat when 20 orders ask at once, among others that don't exist", async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => stage.place()));
    const strangers = Array.from({ length: 5 }, () => uuidv7());
    const asked = orders.flatMap((orderId, index) => [orderId, ...strangers.slice(index, index + 1)]);
    const runs = await Promise.all(asked.map(askForInvoice));
    expect(runs.flatMap(({ failed }) => failed.map(({ delivery }) => delivery.message.orderId)).sort()).toEqual(
      strangers.sort(),
    );
    expect(await numbersOf("invoice")).toEqual(upTo(20));
  });

  test("stay with their order when it asks again, also 20 times at once", async () => {
    const before = await numbersOf("invoice");
    const orderId = await stage.place();
    await Promise.all(Array.from({ length: 20 }, () => askForInvoice(orderId)));
    expect(await numberOf(orderId)).toBe(before.length + 1);
    await askForInvoice(orderId);
    expect(await numberOf(orderId)).toBe(before.length + 1);
    expect(await numbersOf("invoice")).toEqual(upTo(before.length + 1));
  });

  test("are given to the next order when the one who took them is rolled back", async () => {
    const before = await numbersOf("invoice");
    const [lost, next] = [await stage.place(), await stage.place()];
    const taken = Promise.withResolvers<void>();
    const crash = Promise.withResolvers<never>();
    const crashed = transaction({ source: "test" }, async (tx) => {
      expect((await takeNumbers(tx, "invoice", [lost])).get(lost)).toBe(before.length + 1);
      taken.resolve();
      await crash.promise;
    });
    await taken.promise;
    const asked = askForInvoice(next);
    crash.reject(new Error("the process ends here"));
    await Promise.all([expect(crashed).rejects.toThrow("ends here"), asked]);
    expect(await numberOf(next)).toBe(before.length + 1);
    await askForInvoice(lost);
    expect(await numbersOf("invoice")).toEqual(upTo(before.length + 2));
  });

  test("don't depend on the labels", async () => {
    const before = await numbersOf("invoice");
    await askForLabel(await stage.place());
    expect(await numbersOf("invoice")).toEqual(before);
    expect(await numbersOf("label")).toEqual([1]);
  });
});

test("an invoice says its number, the order's, what was bought, and the order's total", async () => {
  const orderId = await stage.place({ sku: "TEA-SENCHA", quantity: 12 });
  await askForInvoice(orderId);
  const { texts, number, orderNumber } = await paperOf(orderId, "invoice");
  expect(texts[0]).toBe(`Invoice ${number}`);
  expect(texts[1]).toMatch(new RegExp(`^Order ${orderNumber} · \\d{4}-\\d{2}-\\d{2}$`));
  expect(texts.slice(2)).toEqual([
    "Ada",
    "Street 1",
    "10115 Berlin",
    "DE",
    "12 × Sencha, 100 g",
    "154.80 EUR",
    "Total 154.80 EUR",
    "Paid. Thank you.",
  ]);
});

test("an invoice for an order paid on delivery does not say that it is paid", async () => {
  const orderId = await stage.place({ paymentMethod: "cod" });
  await askForInvoice(orderId);
  expect((await paperOf(orderId, "invoice")).texts.at(-1)).toBe("To be paid on delivery.");
});

test("a letter that the paper can't show is a mark on it, not a fault", async () => {
  const orderId = await stage.place({ line1: "北京路 Łąka Ő 1" });
  expect((await askForInvoice(orderId)).failed).toEqual([]);
  expect((await paperOf(orderId, "invoice")).texts).toContain("¤¤¤ ¤aka O 1");
});

test("a label says where the parcel goes and how it is tracked", async () => {
  const orderId = await stage.place({ line1: "Long Street 7" });
  await askForLabel(orderId);
  const all = (await paperOf(orderId, "label")).texts.join("\n");
  for (const text of ["Ada", "Long Street 7", "10115 Berlin", "SB1234567890DE"]) expect(all).toContain(text);
});
