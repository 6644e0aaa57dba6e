import { describe, expect, it } from "vitest";
import { exchanges, queues } from "#contracts/topology";
import { EARLIER_FAILURES_HEADER, readEarlierFailures } from "./earlier-failures.ts";
import { failureOf } from "./failure.ts";
import { hands, message, rabbitTestBroker } from "./rabbit-test-broker.ts";

const broker = rabbitTestBroker();

const fault = (message = "mailbox is full") => failureOf(new TypeError(message), { worker: "email", attempts: 1 });

describe("a message whose attempts fail", () => {
  it("waits 1 s, 5 s and 30 s (scaled) between attempts, then rests as a dead letter, whole", async () => {
    const { rabbit, url } = await broker.port();
    const [mail, dead] = [hands(), hands()];
    await rabbit.consume(queues.email, mail.take);
    await rabbit.consume({ name: "email.dlq", prefetch: 1 }, dead.take);

    const body = Buffer.from([0, 255, 1, 254, 10, 13, 0]);
    const channel = await broker.bareChannel(url);
    const properties = {
      messageId: "0b6b6f0c-0000-4000-8000-000000000001",
      correlationId: "c1",
      contentType: "application/octet-stream",
      type: "send-email",
      appId: "dispatcher",
      timestamp: 1_750_000_000,
      priority: 4,
    };
    channel.sendToQueue("email", body, {
      ...properties,
      headers: { "event-type": "send-email", count: 7, blob: Buffer.from([1, 2]) },
    });
    await channel.waitForConfirms();

    const fates: string[] = [];
    const waits: number[] = [];
    for (const attempt of [0, 1, 2, 3]) {
      const delivery = await mail.next();
      expect(delivery.attempts).toBe(attempt);
      const failedAt = performance.now();
      fates.push(
        await rabbit.fail(delivery, fault(["mailbox is full", "away", "still away", "mailbox is full"][attempt])),
      );
      if (attempt < 3) {
        while (!mail.hasNext()) await new Promise((resolve) => setImmediate(resolve));
        waits.push(performance.now() - failedAt);
      }
    }
    expect(fates).toEqual(["retry", "retry", "retry", "dead"]);
    expect(waits.map((wait, at) => wait >= [10, 50, 300][at]!)).toEqual([true, true, true]);

    const letter = await dead.next();
    expect(letter.raw.value).toEqual(body);
    expect(letter.message.properties).toMatchObject(properties);
    expect(letter.message.properties.headers).toMatchObject({
      "event-type": "send-email",
      count: 7,
      blob: Buffer.from([1, 2]),
      "x-attempts": 4,
      "x-error-class": "TypeError",
      "x-error-message": "mailbox is full",
      "x-worker": "email",
      "x-original-exchange": "",
      "x-original-routing-key": "email",
      "x-original-queue": "email",
    });
    const { "x-first-failed-at": first, "x-failed-at": last } = letter.message.properties.headers as Record<
      string,
      string
    >;
    expect(Date.parse(last!) - Date.parse(first!)).toBeGreaterThanOrEqual(360);
    const earlier = readEarlierFailures(letter.message.properties.headers![EARLIER_FAILURES_HEADER] as string);
    expect(earlier.map(({ message: told }) => told)).toEqual(["mailbox is full", "away", "still away"]);
    expect(earlier[0]!.failedAt).toBe(first);
    expect(earlier.every(({ errorClass, stack }) => errorClass === "TypeError" && stack.includes("\n"))).toBe(true);
    expect(await rabbit.depth("email")).toMatchObject({ ready: 0 });
  });

  it("becomes a dead letter at once when no attempt can help", async () => {
    const { rabbit } = await broker.port();
    const invoices = hands();
    await rabbit.consume(queues.invoice, invoices.take);
    await rabbit.publish([message({ exchange: exchanges.paymentMethod.name, routingKey: "cod" })]);
    expect(await rabbit.fail(await invoices.next(), fault(), { hopeless: true })).toBe("dead");
    const letters = hands();
    await rabbit.consume({ name: "invoice.dlq", prefetch: 1 }, letters.take);
    const { headers } = (await letters.next()).message.properties;
    expect(headers).toMatchObject({
      "x-attempts": 1,
      "x-original-exchange": "order_payment_method",
      "x-original-routing-key": "cod",
    });
  });

  it("can be put away although its headers leave no room for the failure's: the long ones go", async () => {
    const { rabbit } = await broker.port();
    const [labels, letters] = [hands(), hands()];
    await rabbit.consume(queues.label, labels.take);
    await rabbit.publish([
      message({ routingKey: "label", headers: { huge: "x".repeat(62_000), "event-type": "make-label" } }),
    ]);
    expect(await rabbit.fail(await labels.next(), fault(), { hopeless: true })).toBe("dead");
    await rabbit.consume({ name: "label.dlq", prefetch: 1 }, letters.take);
    const { headers } = (await letters.next()).message.properties;
    expect(headers).toMatchObject({ "event-type": "make-label", "x-headers-dropped": 1, "x-worker": "email" });
    expect(headers).not.toHaveProperty("huge");
  });

  it("still returns from its retry queue after it once expired and was replayed with all its headers", async () => {
    const { rabbit } = await broker.port();
    const mail = hands();
    await rabbit.consume(queues.webhook, mail.take);
    await rabbit.publish([message({ routingKey: "webhook", headers: { "x-attempts": "none" } })]);
    const delivery = await mail.next();
    expect(delivery.attempts).toBe(0);
    // What a message that expired from `webhook` and was sent there again carries.
    delivery.message.properties.headers!["x-death"] = [
      {
        count: 1,
        reason: "expired",
        queue: "webhook",
        exchange: "",
        "routing-keys": ["webhook"],
        time: { "!": "timestamp", value: 1 },
      },
    ];
    expect(await rabbit.fail(delivery, fault())).toBe("retry");
    expect((await mail.next()).attempts).toBe(1);
  });

  it("of a best-effort queue is dropped", async () => {
    const { rabbit } = await broker.port();
    const counted = hands();
    await rabbit.consume(queues.analytics, counted.take);
    await rabbit.publish([message({ routingKey: "analytics", persistent: false })]);
    expect(await rabbit.fail(await counted.next(), fault())).toBe("dropped");
    expect(await rabbit.depth("analytics")).toEqual({ ready: 0, consumers: 1 });
  });
});
