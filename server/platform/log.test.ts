import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("D2: a log line holds no address of mail, wherever it stood, and is still one line of JSON", () => {
  const script = `
    import { log } from "./server/platform/log.ts";
    const error = new Error("550\\nada.novak@example.com: call +49 30 1234567");
    log().error({ error: error.message, err: error, email: "ada.novak@example.com", orderId: "00123456-1234-4abc-8def-001234567890" }, "to <ada.novak@example.com>");`;
  const line = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(line).not.toMatch(/novak|1234567[^8]/);
  expect(JSON.parse(line)).toMatchObject({
    error: "550\n***@example.com: call ***",
    email: "[redacted]",
    orderId: "00123456-1234-4abc-8def-001234567890",
    msg: "to <a***@example.com>",
  });
});
