import { describe, expect, test } from "vitest";
import { AddressRefused, guardUrl, isPublicAddress } from "./guard-address.ts";

const strict = { allowLoopback: false };

describe("an endpoint's URL", () => {
  test.each([
    "https://partner.example.com/hooks",
    "https://partner.example.com:443/hooks?x=1",
    "https://93.184.216.34/hooks",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/hooks",
  ])("%s is allowed", (url) => {
    expect(guardUrl(url, strict).href).toContain("https://");
  });

  test.each([
    "http://partner.example.com/",
    "ftp://partner.example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "not a url",
    "",
    "https://user:secret@partner.example.com/",
    "https://user@partner.example.com/",
    "https://partner.example.com:8443/",
    "https://partner.example.com:22/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://x.localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://10.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:93.184.216.34]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::5db8:d822]/",
    "https://[2002:7f00:1::]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
  ])("%s is refused", (url) => {
    expect(() => guardUrl(url, strict)).toThrow(AddressRefused);
  });

  test("the refusal names no address of ours", () => {
    expect(() => guardUrl("https://169.254.169.254/", strict)).toThrow(
      /^the endpoint's address is not on the public internet$/,
    );
  });

  test("the demo may reach this machine, and still nothing else that is inside", () => {
    expect(guardUrl("http://127.0.0.1:4010/x", { allowLoopback: true }).port).toBe("4010");
    expect(() => guardUrl("http://10.0.0.1/", { allowLoopback: true })).toThrow(AddressRefused);
  });
});

test("nonsense is no public address", () => {
  for (const text of ["", "x", "1.2.3.4.5", "::g"]) expect(isPublicAddress(text)).toBe(false);
});
