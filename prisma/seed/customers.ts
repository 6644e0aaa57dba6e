import { v5 as uuidv5 } from "uuid";

const NAMESPACE = "6f1d5f5e-3f0b-4c55-9b1a-2f6f0c1a7d10";

const givenNames = ["Ada", "Björn", "Chiara", "Daan", "Élise", "Fatima", "Grzegorz", "Hanna", "Inês", "Jan"];
const familyNames = [
  "Novák",
  "Müller",
  "Rossi",
  "de Vries",
  "Lefèvre",
  "Haddad",
  "Kowalski",
  "Virtanen",
  "Silva",
  "Berg",
];
const countries = ["DE", "FR", "IT", "NL", "PL", "CZ", "FI", "PT", "SE", "AT"];

export type SeedCustomer = { id: string; name: string; email: string; country: string };

/** Fifty made-up customers, the same on every machine. Addresses end in `.test`, so no mail can reach anybody. */
export const customers: readonly SeedCustomer[] = Array.from({ length: 50 }, (_, index) => {
  const given = givenNames[index % 10]!;
  const family = familyNames[(index * 3 + Math.floor(index / 10)) % 10]!;
  const email = `${plain(given)}.${plain(family)}.${index + 1}@customers.example.test`;
  return { id: uuidv5(email, NAMESPACE), name: `${given} ${family}`, email, country: countries[index % 10]! };
});

function plain(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/[^a-z]/gi, "")
    .toLowerCase();
}
