import { MASK } from "#contracts/personal";

/** Lengths are bounded, or a text of one long word would be read once for each of its characters. */
const address = /[^\s@<>"'`“”(),;:=\\]{1,64}@[^\s@<>"'`“”(),;:=\\]{1,255}/gu;
const telephone = /(?<![\p{L}\p{N}+-])(?:\+|00)\d(?:[\s()/.-]{0,2}\d){6,14}(?![\p{L}\p{N}-])/gu;
const quotation = /"[^"]+"|“[^“”]+”|`[^`]+`|(?<![\p{L}\p{N}])'[^']+'(?!\p{L})/gu;
/** A name of ours, not somebody's: `order.events`, `order_number_positive`. */
const ownName = /^[a-z0-9_.:/-]{1,64}$/;

const maskAddress = (found: string) => `${[...found][0]}${MASK}@${found.slice(found.indexOf("@") + 1)}`;

/** Addresses of mail, of which the first letter and the domain stay, and telephone numbers. Pure. */
export const maskContacts = (text: string): string => text.replaceAll(address, maskAddress).replaceAll(telephone, MASK);

/** What somebody else said, word for word. Pure. */
export const maskQuotations = (text: string): string =>
  text.replaceAll(quotation, (found) =>
    ownName.test(found.slice(1, -1)) ? found : `${found[0]}${MASK}${found.at(-1)}`,
  );
