import type { CommandContract, EventContract, MessageContract, ReminderContract } from "../message.ts";
import * as fulfilment from "./fulfilment.ts";
import * as orders from "./orders.ts";
import * as payments from "./payments.ts";
import * as stock from "./stock.ts";

/** Every declared message: one line per noun. */
const nouns = [orders, payments, stock, fulfilment];

const isContract = (value: unknown): value is MessageContract =>
  typeof value === "object" && value !== null && "kind" in value && "type" in value;

const contracts = nouns.flatMap((noun) => Object.values(noun).filter(isContract));

export const events = contracts.filter((contract) => contract.kind === "event") as EventContract[];
export const commands = contracts.filter((contract) => contract.kind === "command") as CommandContract[];
export const reminders = contracts.filter((contract) => contract.kind === "reminder") as ReminderContract[];

export const contractsByType: ReadonlyMap<string, MessageContract> = new Map(contracts.map((one) => [one.type, one]));
