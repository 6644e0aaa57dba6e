import type { Metadata } from "next";
import { OrderDetailPanel } from "../../_panels/order-detail/order-detail-panel.tsx";

export const metadata: Metadata = { title: "Order" };

export default async function OrderPage({ params }: { params: Promise<{ id: string }> }) {
  return <OrderDetailPanel orderId={(await params).id} />;
}
