import bwip from "bwip-js/node";
import type { PaperFacts } from "./paper-facts.ts";
import { drawableText, pdfDocument } from "./pdf-document.ts";

export type LabelFacts = Pick<PaperFacts, "orderNumber" | "shippingAddress"> & {
  carrier: string;
  trackingNumber: string;
};

/** 100 × 150 mm, in points. */
const SIZE: [number, number] = [283.5, 425.2];
const MARGIN = 20;
const WIDTH = SIZE[0] - 2 * MARGIN;

/** A parcel label with the tracking number as Code 128. */
export function drawLabel(facts: LabelFacts): Promise<Uint8Array> {
  const bars = code128(facts.trackingNumber);
  return pdfDocument({ size: SIZE, margin: MARGIN, info: { Title: `Label ${facts.trackingNumber}` } }, (pdf) => {
    const { shippingAddress: to } = facts;
    pdf.font("Helvetica-Bold").fontSize(12).text(drawableText(facts.carrier));
    pdf.font("Helvetica").fontSize(9).text(`Order ${facts.orderNumber}`).moveDown(2);
    pdf.fontSize(16);
    for (const line of [to.name, to.line1, to.line2, `${to.postalCode} ${to.city}`, to.country])
      if (line) pdf.text(drawableText(line), { width: WIDTH });
    drawBars(pdf, bars);
    pdf
      .fontSize(11)
      .text(facts.trackingNumber, MARGIN, SIZE[1] - 50, { width: WIDTH, align: "center", lineBreak: false });
  });
}

const BAR_HEIGHT = 70;

/** Widths of bars and gaps in turn, in modules, the first one a bar. */
function code128(text: string): number[] {
  const [symbol] = bwip.raw({ bcid: "code128", text }) as unknown as [{ sbs: number[] }];
  return symbol.sbs;
}

/** As rectangles, sharp at every printer's resolution, and five times as fast as a picture. */
function drawBars(pdf: PDFKit.PDFDocument, widths: readonly number[]): void {
  const modules = widths.reduce((sum, width) => sum + width, 0);
  const module = WIDTH / modules;
  let x = MARGIN;
  for (const [index, width] of widths.entries()) {
    if (index % 2 === 0) pdf.rect(x, SIZE[1] - 130, width * module, BAR_HEIGHT);
    x += width * module;
  }
  pdf.fill("black");
}
