import { money } from "./mail-content.ts";
import type { PaperFacts } from "./paper-facts.ts";
import { drawableText, pdfDocument } from "./pdf-document.ts";

export type InvoiceFacts = Omit<PaperFacts, "email"> & { invoiceNumber: number };

const MARGIN = 56;
const WIDTH = 483;
const DIM = "#5c636a";

/** An invoice on A4. Its total is the order's total, not a sum made here. */
export const drawInvoice = (facts: InvoiceFacts): Promise<Uint8Array> =>
  pdfDocument({ size: "A4", margin: MARGIN, info: { Title: `Invoice ${facts.invoiceNumber}` } }, (pdf) => {
    const { currency, shippingAddress: to } = facts;
    pdf.font("Helvetica-Bold").fontSize(22).text(`Invoice ${facts.invoiceNumber}`);
    pdf
      .font("Helvetica")
      .fontSize(10)
      .fillColor(DIM)
      .text(`Order ${facts.orderNumber} · ${facts.placedAt}`)
      .moveDown(1.5);
    pdf.fillColor("black").fontSize(11);
    for (const line of [to.name, to.line1, to.line2, `${to.postalCode} ${to.city}`, to.country])
      if (line) pdf.text(drawableText(line));
    pdf.moveDown(1.5);

    for (const { name, quantity, unitPriceCents } of facts.lines) {
      const y = pdf.y;
      pdf.text(`${quantity} × ${drawableText(name)}`, MARGIN, y, { width: WIDTH - 120 });
      const next = pdf.y;
      pdf.text(money(quantity * unitPriceCents, currency), MARGIN, y, { width: WIDTH, align: "right" });
      pdf.y = Math.max(next, pdf.y);
      pdf.moveDown(0.3);
    }
    pdf
      .moveTo(MARGIN, pdf.y + 4)
      .lineTo(MARGIN + WIDTH, pdf.y + 4)
      .strokeColor("#dee2e6")
      .stroke()
      .moveDown(0.8);
    pdf
      .font("Helvetica-Bold")
      .text(`Total ${money(facts.totalCents, currency)}`, MARGIN, pdf.y, { width: WIDTH, align: "right" });
    pdf.moveDown(2).font("Helvetica").fontSize(10).fillColor(DIM);
    pdf.text(facts.paymentMethod === "cod" ? "To be paid on delivery." : "Paid. Thank you.", MARGIN);
  });
