import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, firstOwnFrame, normaliseError } from "./fingerprint.ts";

const quote = (text: string) => fc.constantFrom(`'${text}'`, `"${text}"`, `\`${text}\``);
const amount = fc
  .tuple(fc.integer({ min: -9_999_999, max: 999_999_999 }), fc.constantFrom("plain", "cents", "grouped", "bare"))
  .map(([cents, style]) => {
    if (style === "plain") return String(cents);
    if (style === "bare") return String(Math.abs(cents) % 10);
    const text = (cents / 100).toFixed(2);
    return style === "cents" ? text : Number(text).toLocaleString("en", { minimumFractionDigits: 2 });
  });
const money = fc
  .tuple(amount, fc.constantFrom("EUR", "USD", "JPY", "€", ""), fc.constantFrom("before", "after", "attached"))
  .map(([value, unit, place]) =>
    place === "before" ? `${unit} ${value}`.trim() : place === "after" ? `${value} ${unit}`.trim() : `${value}${unit}`,
  );
const time = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
const when = fc.oneof(
  time.map((at) => at.toISOString()),
  time.map((at) => at.toUTCString()),
  time.map((at) => at.toISOString().slice(0, 19).replace("T", " ")),
);
const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 8, maxLength: 40 });
const id = fc.oneof(fc.uuid(), hex, fc.integer({ min: 1, max: 9e9 }).map(String));
const words = fc.string({ unit: fc.constantFrom(..."abc XYZ0189.,:;-_é"), minLength: 1, maxLength: 30 });
const place = fc.oneof(
  fc.ipV4(),
  fc.tuple(fc.domain(), hex, id).map(([domain, path, query]) => `https://${domain}:8443/hooks/${path}?order=${query}`),
  fc.tuple(hex, fc.domain()).map(([name, domain]) => `${name}@${domain}`),
);

const causes = [
  {
    consumer: "charge-payment",
    messageType: "order.placed",
    errorClass: "PaymentRefused",
    frame: "reach (workers/charge-payment.ts)",
    text: fc
      .tuple(id, money, when)
      .map(([order, paid, at]) => `Payment of ${paid} for order ${order} was refused at ${at}`),
  },
  {
    consumer: "deliver-webhook",
    messageType: "webhook.send",
    errorClass: "Error",
    frame: "sendWebhook (server/partners/send-webhook.ts)",
    text: fc
      .tuple(place, amount, id)
      .map(([url, ms, trace]) => `no answer from ${url} within ${ms} ms (trace ${trace})`),
  },
  {
    consumer: "reserve-stock",
    messageType: "order.paid",
    errorClass: "Error",
    frame: null,
    text: fc.tuple(words.chain(quote), id).map(([sku, order]) => `can't reserve ${sku}: order ${order} isn't known`),
  },
];

describe("grouping dead letters by cause", () => {
  it("finds 3 groups in 10,000 letters of 3 causes with random ids, amounts, times and quoted values", () => {
    const letter = fc
      .constantFrom(...causes)
      .chain(({ text, ...cause }) => text.map((message) => ({ ...cause, message })));
    const groups = new Map<string, string>();
    for (const { message, ...cause } of fc.sample(letter, { numRuns: 10_000, seed: 4 })) {
      const shape = normaliseError(message);
      const fingerprint = fingerprintOf({ ...cause, shape });
      if (!groups.has(fingerprint)) groups.set(fingerprint, `${shape} ← ${message}`);
    }
    expect(new Set(groups.values()), [...groups.values()].slice(0, 8).join("\n")).toHaveProperty("size", 3);
  });

  it.each([
    ["order 7f1f9f5e-2f60-4b5e-9d0a-0a6b1f6f3a11 not found", "order <value> not found"],
    ["amount 1,234.56 EUR is not €99.00", "amount <value> is not <value>"],
    ["timeout after 1500ms", "timeout after <value>"],
    ["orders 1, 2, 3 and 17 are late", "orders <value> are late"],
    [`the partner's "shop" can't be reached`, "the partner's <value> can't be reached"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <value>"],
    ["connect ECONNREFUSED ::1:5432", "connect ECONNREFUSED <value>"],
    ["no such card pm_1QabcdEfghIjklMnop", "no such card <value>"],
    ["", ""],
  ])("reads %j as %j", (text, shape) => {
    expect(normaliseError(text)).toBe(shape);
  });

  it("keeps causes apart that differ in their words", () => {
    const texts = ["card 42 declined", "card 42 expired", "order 42 declined", "endpoint gone", "endpoint paused"];
    expect(new Set(texts.map(normaliseError)).size).toBe(texts.length);
  });

  it("gives one shape however long the value is that a text ends with", () => {
    const shapes = [2_000, 5_000, 90_000].map((length) => normaliseError(`bad value "${"x".repeat(length)}" in row`));
    expect(new Set(shapes).size).toBe(1);
  });

  it("reads a shape as itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const shape = normaliseError(text);
        expect(shape.isWellFormed()).toBe(true);
        expect(shape).not.toMatch(/\p{Cc}/u);
        expect(shape.length).toBeLessThanOrEqual(300);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["'", '"', "'a", "1:", "a@", "-", "1,", "a".repeat(3), "0x", "::", "EUR ", "€", "https://", "\\"])(
    "is done at once with a megabyte of %j",
    (part) => {
      // Of the processor, not of the clock: what else the machine does is not its fault.
      const before = process.cpuUsage();
      normaliseError(part.repeat(1_000_000 / part.length));
      firstOwnFrame(`Error\n    at ${part.repeat(1_000_000 / part.length)}`);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(250);
    },
  );
});

describe("the frame of our own code that an error came through first", () => {
  const own = (line: string) => firstOwnFrame(`Error: x\n    at node:internal/x:1:2\n    at ${line}`, "x");

  it.each([
    ["reach (file:///home/ci/app/workers/charge-payment.ts:12:7)", "reach (workers/charge-payment.ts)"],
    [
      "async Object.record (/srv/server/app/server/payments/payments.ts:3:1)",
      "Object.record (server/payments/payments.ts)",
    ],
    ["file:///app/sandbox/faults.ts:3:1", "sandbox/faults.ts"],
    ["new Carrier (C:/app/server/fulfilment/carrier.ts:1:1)", "new Carrier (server/fulfilment/carrier.ts)"],
    ["query (/app/node_modules/pg/server/client.js:1:1)", null],
    ["Server.emit (node:events:1:1)", null],
  ])("shows %s as %s", (line, frame) => {
    expect(own(line)).toBe(frame);
  });

  it("is not taken from the message, however much it looks like one", () => {
    const message = "bad input\n    at forged (/app/server/forged.ts:1:1)";
    const stack = `Error: ${message}\n    at true (/app/server/true.ts:1:1)`;
    expect(firstOwnFrame(stack, message)).toBe("true (server/true.ts)");
  });

  it("is the same on every line and machine", () => {
    const stacks = ["/a/server/x.ts:1:1", "/b/c/server/x.ts:99:3"].map((path) => `Error\n    at f (${path})`);
    expect(new Set(stacks.map((stack) => firstOwnFrame(stack)))).toEqual(new Set(["f (server/x.ts)"]));
  });

  it("is nobody's when there is no stack", () => {
    expect(firstOwnFrame("")).toBeNull();
  });
});
