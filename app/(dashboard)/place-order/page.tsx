import type { Metadata } from "next";
import { PlaceOrderPanel } from "../_panels/place-order/place-order-panel.tsx";

export const metadata: Metadata = { title: "Place order" };

export default function PlaceOrderPage() {
  return <PlaceOrderPanel />;
}
