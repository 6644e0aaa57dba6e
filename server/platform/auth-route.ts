import { auth } from "./auth.ts";

/** better-auth's own endpoints: it checks session, origin and rate by itself. */
export const authRoute = () => (request: Request) => auth().handler(request);
