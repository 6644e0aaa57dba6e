import { IconChartDots3, IconList, IconShoppingCart } from "@tabler/icons-react";

/** One line per page. */
export const nav = [
  { href: "/", label: "Overview", icon: IconChartDots3 },
  { href: "/place-order", label: "Place order", icon: IconShoppingCart },
  { href: "/orders", label: "Orders", icon: IconList },
] as const;
