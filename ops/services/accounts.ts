import { Sentence } from "../shell.ts";

/** What is known of an account of ours on a server that does not let us in with this checkout's password. */
export type Account = "missing" | "idle" | "in use";

export type FindOptions = {
  /** False = only look: nothing on the server is changed. */
  mayChange?: boolean;
};

const whose = (service: string, name: string) =>
  `${service}'s account ${name} has another password than this checkout's (.services/local.json): another checkout of this project made it`;

/**
 * Two checkouts on one machine share its services and their accounts, but not the passwords. Nobody who works is locked
 * out: an account in use is left alone, one that nobody uses is taken over, and that is said.
 * @returns what to say when it is taken. @throws Sentence where it may not be.
 */
export function guardAccount(
  service: string,
  name: string,
  account: Account,
  { mayChange = true }: FindOptions,
): string {
  if (account === "missing") return "with an account made for us";
  const both = `To share its data, copy that checkout's .services/local.json here`;
  if (account === "in use")
    throw new Sentence(`${whose(service, name)}, and somebody is connected with it. Stop that one first. ${both}.`);
  if (!mayChange) throw new Sentence(`${whose(service, name)}. npm start here would take it over. ${both} instead.`);
  return `its account ${name} was another checkout's and is taken over: npm start there takes it back`;
}
