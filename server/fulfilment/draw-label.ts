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
export async function drawLabel(facts: LabelFacts): Promise<Uint8Array> {
  const barcode = await bwip.toBuffer({ bcid: "code128", text: facts.trackingNumber, scale: 3, height: 18 });
  return pdfDocument({ size: SIZE, margin: MARGIN, info: { Title: `Label ${facts.trackingNumber}` } }, (pdf) => {
    const { shippingAddress: to } = facts;
    pdf.font("Helvetica-Bold").fontSize(12).text(drawableText(facts.carrier));
    pdf.font("Helvetica").fontSize(9).text(`Order ${facts.orderNumber}`).moveDown(2);
    pdf.fontSize(16);
    for (const line of [to.name, to.line1, to.line2, `${to.postalCode} ${to.city}`, to.country])
      if (line) pdf.text(drawableText(line), { width: WIDTH });
    pdf.image(barcode, MARGIN, SIZE[1] - 130, { fit: [WIDTH, 70], align: "center" });
    pdf
      .fontSize(11)
      .text(facts.trackingNumber, MARGIN, SIZE[1] - 50, { width: WIDTH, align: "center", lineBreak: false });
  });
}
