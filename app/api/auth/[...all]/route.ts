import { authRoute } from "#server/platform/auth-route";

export const GET = authRoute();
export const POST = authRoute();
