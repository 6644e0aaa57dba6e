import {
  IconBell,
  IconBuildingStore,
  IconChartDots3,
  IconFlame,
  IconHistory,
  IconList,
  IconMailX,
  IconMessages,
  IconShoppingCart,
  IconStack2,
  IconUsersGroup,
} from "@tabler/icons-react";

/** One line per page. */
export const nav = [
  { href: "/", label: "Overview", icon: IconChartDots3 },
  { href: "/alerts", label: "Alerts", icon: IconBell },
  { href: "/place-order", label: "Place order", icon: IconShoppingCart },
  { href: "/orders", label: "Orders", icon: IconList },
  { href: "/dead-letters", label: "Dead letters", icon: IconMailX },
  { href: "/partners", label: "Partners", icon: IconBuildingStore },
  { href: "/consumers", label: "Consumers", icon: IconUsersGroup },
  { href: "/queues", label: "Queues", icon: IconStack2 },
  { href: "/topics", label: "Topics", icon: IconMessages },
  { href: "/audit", label: "Audit", icon: IconHistory },
] as const;

/** Pages about the demo's sandbox: offered only where it runs. */
export const demoNav = [{ href: "/drills", label: "Drills", icon: IconFlame }] as const;
