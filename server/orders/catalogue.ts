import type { Catalogue } from "#contracts/api/overview";
import { prisma } from "#server/platform/db";

const CUSTOMERS = 200;

/** What can be bought and by whom, for the shop page and the generator. Customers: the first 200 by name. */
export async function readCatalogue(): Promise<Catalogue> {
  const [products, customers] = await Promise.all([
    prisma().product.findMany({
      where: { isActive: true },
      include: { stock: { select: { available: true } } },
      orderBy: [{ category: "asc" }, { name: "asc" }],
    }),
    prisma().customer.findMany({
      select: { id: true, name: true, country: true },
      orderBy: { name: "asc" },
      take: CUSTOMERS,
    }),
  ]);
  return {
    products: products.map(({ sku, name, category, priceCents, currency, stock }) => ({
      sku,
      name,
      category,
      priceCents: Number(priceCents),
      currency,
      available: stock?.available ?? 0,
    })),
    customers,
  };
}
