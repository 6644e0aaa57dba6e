import type { Metadata } from "next";
import { SignInCard } from "./sign-in-card.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token } = await searchParams;
  return <SignInCard token={token} />;
}
