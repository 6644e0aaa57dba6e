import { Anchor } from "@mantine/core";
import Link from "next/link";
import type { ReactNode } from "react";

type TextLinkProps = { href: string; children: ReactNode; c?: "inherit" };

/** A link inside a sentence: underlined, because colour alone tells some readers nothing (WCAG 2.2, 1.4.1). */
export const TextLink = ({ href, children, c }: TextLinkProps) => (
  <Anchor component={Link} href={href} prefetch={false} inherit underline="always" c={c}>
    {children}
  </Anchor>
);
