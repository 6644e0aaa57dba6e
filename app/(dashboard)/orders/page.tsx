import type { Metadata } from "next";
import { Suspense } from "react";
import { OrderListPanel } from "../_panels/order-list/order-list-panel.tsx";

export const metadata: Metadata = { title: "Orders" };

export default function OrdersPage() {
  return (
    <Suspense>
      <OrderListPanel />
    </Suspense>
  );
}
