import type { Metadata } from "next";
import { Suspense } from "react";
import { OrdersPanel } from "../_panels/orders/orders-panel.tsx";

export const metadata: Metadata = { title: "Orders" };

export default function OrdersPage() {
  return (
    <Suspense>
      <OrdersPanel />
    </Suspense>
  );
}
