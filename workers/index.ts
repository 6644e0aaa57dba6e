import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { deliverWebhook } from "./deliver-webhook.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";
import { keepAudit } from "./keep-audit.ts";
import { orderSaga } from "./order-saga.ts";
import { projectOrdersWorker } from "./project-orders.ts";
import { recordAnalytics } from "./record-analytics.ts";
import { renderInvoiceWorker } from "./render-invoice.ts";
import { renderLabelWorker } from "./render-label.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { sendEmailWorker } from "./send-email.ts";

/** The process map: every worker of the pipeline, one line each. */
export const workers = [
  chargePayment,
  reserveStockWorker,
  createShipment,
  orderSaga,
  dispatchTasks,
  projectOrdersWorker,
  sendEmailWorker,
  renderInvoiceWorker,
  renderLabelWorker,
  deliverWebhook,
  recordAnalytics,
  keepAudit,
];
