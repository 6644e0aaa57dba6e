import PDFDocument from "pdfkit";

/** Texts from outside are cut to this many characters. */
const MAX_TEXT = 200;

/** What the standard fonts can't draw (outside Windows-1252) is shown as a box, never left out silently. */
const drawable = /[^\x20-\x7e\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸŽ]/gu;

/** A text from outside, made safe to draw: bounded, one line, with a visible mark for every glyph we don't have. */
export function drawableText(text: string): string {
  const line = [...text.normalize("NFC").replaceAll(/\s+/g, " ")].slice(0, MAX_TEXT).join("");
  return line.replaceAll(drawable, (glyph) => plainLetter(glyph) ?? "¤");
}

/** The letter under an accent that the font does not have: ő is drawn as o. */
function plainLetter(glyph: string): string | undefined {
  const base = glyph.normalize("NFD").replaceAll(/\p{Mn}/gu, "");
  return /^[\x20-\x7e]$/.test(base) ? base : undefined;
}

/** Draws a document of one page size and collects its bytes. No file, no network: only what `draw` puts on it. */
export async function pdfDocument(
  options: PDFKit.PDFDocumentOptions,
  draw: (pdf: PDFKit.PDFDocument) => void,
): Promise<Uint8Array> {
  const pdf = new PDFDocument({ compress: true, ...options });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", resolve);
    pdf.on("error", reject);
  });
  draw(pdf);
  pdf.end();
  await done;
  return Buffer.concat(chunks);
}
