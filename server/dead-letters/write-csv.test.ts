import { describe, expect, it } from "vitest";
import { csvLine } from "./write-csv.ts";

describe("a line of CSV", () => {
  it.each(["=1+1", "+49 30", "-2", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("http://evil.example","x")'])(
    "makes no formula of %j",
    (text) => {
      expect(csvLine([text]).replace(/^"/, "")).toMatch(/^'/);
    },
  );

  it("quotes what holds commas, quotes or line ends, and nothing else", () => {
    expect(csvLine(["a,b", 'say "no"', "two\nlines", "plain", -5, true, null])).toBe(
      '"a,b","say ""no""","two\nlines",plain,-5,true,\r\n',
    );
  });
});
