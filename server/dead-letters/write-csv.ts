/** What a spreadsheet would take for a formula, and run. */
const formula = /^[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]/;

/**
 * One line of CSV as in RFC 4180. A text that a spreadsheet would run gets an apostrophe in front: an error text or a
 * header may come from anybody. Null is an empty field.
 */
export const csvLine = (fields: readonly unknown[]): string => `${fields.map(csvField).join(",")}\r\n`;

function csvField(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" && formula.test(value) ? `'${value}` : String(value);
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
