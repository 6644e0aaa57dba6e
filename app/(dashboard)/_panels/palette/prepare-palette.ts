import type { LetterRow } from "#contracts/api/dead-letters";
import type { OrderRow } from "#contracts/api/orders";
import { deadLetterStatusLabels, orderStatusLabels } from "#contracts/vocabulary";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const number = /^\d{1,15}$/;

export type Offer = { href: string; label: string; description?: string };
type Found = { orders: readonly OrderRow[]; letters: readonly LetterRow[] };

/** Whether it may stand for one thing: then it is worth asking which. Pure. */
export const isId = (text: string): boolean => uuid.test(text) || number.test(text);

/** What a pasted id or number turned out to be, each with its page. Pure. */
export const prepareFound = ({ orders, letters }: Found): Offer[] => [
  ...orders.map((order) => ({
    href: `/orders/${order.orderId}`,
    label: `Order ${order.number}`,
    description: `${orderStatusLabels[order.status].label}, ${order.customerName}`,
  })),
  ...letters.map((letter) => ({
    href: `/dead-letters/letters/${letter.id}`,
    label: `Dead letter of ${letter.consumer ?? letter.source}`,
    description: `${deadLetterStatusLabels[letter.status].label}, ${letter.messageType ?? "of no known type"}: ${letter.errorMessage || letter.errorClass}`,
  })),
];

/**
 * Where else to look for a text. The topic is where all facts are. Who sees no personal data may not look for any.
 * Pure.
 */
export function prepareSearches(text: string, topic: string, seesPersonalData: boolean): Offer[] {
  if (text === "" || !(seesPersonalData || isId(text))) return [];
  const search = encodeURIComponent(text);
  return [
    {
      href: uuid.test(text) ? `/orders/${text}` : `/orders?search=${search}`,
      label: `Find “${text}” in the orders`,
    },
    { href: `/dead-letters?tab=letters&status=all&search=${search}`, label: `Find “${text}” in the dead letters` },
    ...(uuid.test(text)
      ? [{ href: `/topics/${encodeURIComponent(topic)}?text=${search}`, label: `Find “${text}” in ${topic}` }]
      : []),
  ];
}

/** Offers whose name holds the text. Pure. */
export const prepareNamed = (text: string, offers: readonly Offer[]): Offer[] =>
  offers.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()));
