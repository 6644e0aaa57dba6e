import { v5 as uuidv5 } from "uuid";

const LETTERS = "5e0b2f7c-8f5b-4b0e-9a63-0d6d3a1c7e21";
const GROUPS = "c1c1a7de-63a4-4a8f-8d2b-7f3f5b9e4d02";

/** A letter's id, derived from who gave up on what: its URL can be built without asking. */
export const letterIdOf = (identity: string): string => uuidv5(identity, LETTERS);

/** The identity of a message with an id of its own, whatever became of it. */
export const identityOf = (consumer: string, messageId: string): string => `${consumer}/${messageId}`;

/** The dead letter that a message becomes, or would become, where this consumer gives up on it. */
export const letterIdFor = (consumer: string, messageId: string): string => letterIdOf(identityOf(consumer, messageId));

/** A group's id: the same cause has the same URL for ever. */
export const groupIdOf = (fingerprint: string): string => uuidv5(fingerprint, GROUPS);
