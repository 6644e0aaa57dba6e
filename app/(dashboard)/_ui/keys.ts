/** `g` and then one of these goes to a page. */
export const goKeys: Readonly<Record<string, { href: string; label: string }>> = {
  o: { href: "/", label: "Overview" },
  w: { href: "/alerts", label: "Alerts" },
  n: { href: "/place-order", label: "Place order" },
  l: { href: "/orders", label: "Orders" },
  d: { href: "/dead-letters", label: "Dead letters" },
  p: { href: "/partners", label: "Partners" },
  c: { href: "/consumers", label: "Consumers" },
  q: { href: "/queues", label: "Queues" },
  t: { href: "/topics", label: "Topics" },
  a: { href: "/audit", label: "Audit" },
};

export type KeyHelp = { title: string; keys: { keys: string[]; does: string }[] };

/** All keys of the product, by where they work. */
export const keyHelp: KeyHelp[] = [
  {
    title: "Everywhere",
    keys: [
      { keys: ["Ctrl K", "/"], does: "Find an order, a letter, a consumer or a page; paste any id" },
      { keys: ["?"], does: "This list" },
      { keys: ["Esc"], does: "Close what is open" },
    ],
  },
  {
    title: "Go to",
    keys: Object.entries(goKeys).map(([key, { label }]) => ({ keys: [`g ${key}`], does: label })),
  },
  {
    title: "In the list of dead letters",
    keys: [
      { keys: ["j", "k"], does: "Next and previous letter" },
      { keys: ["x"], does: "Select it" },
      { keys: ["Enter", "o"], does: "Open it" },
      { keys: ["r", "e", "a"], does: "Retry, edit, archive" },
      { keys: ["/"], does: "Search in the letters" },
    ],
  },
  {
    title: "On a dead letter",
    keys: [{ keys: ["r", "e", "a"], does: "Retry, edit, archive" }],
  },
  {
    title: "On the map",
    keys: [
      { keys: ["Tab"], does: "Next place" },
      { keys: ["Enter"], does: "Open it" },
    ],
  },
];
