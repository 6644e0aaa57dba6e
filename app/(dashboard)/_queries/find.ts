import { queryOptions } from "@tanstack/react-query";
import { LetterList } from "#contracts/api/dead-letters";
import { OrderList } from "#contracts/api/orders";
import { callApi, toQuery } from "./api.ts";

/** How many of each kind a search in passing shows. */
const FEW = 5;

/** Orders and dead letters that a pasted id or number stands for. */
export const findQuery = (search: string) =>
  queryOptions({
    queryKey: ["find", search],
    queryFn: async () => {
      const [orders, letters] = await Promise.all([
        callApi(OrderList, `/api/v1/orders${toQuery({ search, limit: FEW })}`),
        callApi(LetterList, `/api/v1/dead-letters${toQuery({ search, status: "all", limit: FEW })}`),
      ]);
      return { orders: orders.orders, letters: letters.letters };
    },
    retry: false,
    staleTime: 10_000,
  });
