"use client";

import { ActionIcon, AppShell, Burger, Button, Group, NavLink, Title, useMantineColorScheme } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconMail, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { FiringCount } from "../_panels/alerts/firing-count.tsx";
import { sessionQuery } from "../_queries/session.ts";
import { demoNav, nav } from "../nav.ts";
import { goKeys } from "./keys.ts";
import { leaveBy } from "./unsaved.ts";
import { useShellKeys } from "./use-shell-keys.ts";
import { UserMenu } from "./user-menu.tsx";

/** Loaded at its first use: nobody needs it to see the page. */
const Palette = dynamic(() => import("../_panels/palette/palette.tsx").then((module) => module.Palette), {
  ssr: false,
});
const KeyHelp = dynamic(() => import("./key-help.tsx").then((module) => module.KeyHelp), { ssr: false });

/** The frame: where I can go, who I am, how it looks. */
export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [palette, setPalette] = useState(0);
  const [isHelpOpen, help] = useDisclosure();
  const path = usePathname();
  const router = useRouter();
  const session = useQuery(sessionQuery).data;
  const openPalette = () => setPalette((count) => count + 1);
  useHotkeys([["mod+K", openPalette]], []);
  useShellKeys({
    onFind: openPalette,
    onHelp: help.open,
    onGo(key) {
      const page = goKeys[key];
      if (page) leaveBy(() => router.push(page.href));
      return page !== undefined;
    },
  });

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Title order={2} size="h4" lineClamp={1}>
              Order pipeline
            </Title>
          </Group>
          <Group wrap="nowrap" gap="xs">
            <Button
              variant="default"
              size="xs"
              visibleFrom="sm"
              leftSection={<IconSearch size={14} />}
              onClick={openPalette}
            >
              Find an order · Ctrl K
            </Button>
            <ActionIcon variant="default" size="lg" hiddenFrom="sm" onClick={openPalette} aria-label="Find an order">
              <IconSearch size={18} />
            </ActionIcon>
            <SchemeSwitch />
            <UserMenu name={session?.user.name ?? ""} role={session?.user.role ?? ""} onHelp={help.open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        {[...nav, ...(session?.mailUrl ? demoNav : [])].map(({ href, label, icon: Icon }) => (
          <NavLink
            key={href}
            component={Link}
            href={href}
            label={label}
            leftSection={<Icon size={18} />}
            rightSection={href === "/alerts" && <FiringCount />}
            active={href === "/" ? path === "/" : path.startsWith(href)}
            onClick={close}
          />
        ))}
        {session?.mailUrl && (
          <NavLink
            component="a"
            href={session.mailUrl}
            target="_blank"
            rel="noreferrer"
            label="Mails"
            description="Caught in the sandbox"
            leftSection={<IconMail size={18} />}
          />
        )}
      </AppShell.Navbar>
      <AppShell.Main>{children}</AppShell.Main>
      {palette > 0 && <Palette opened={palette} />}
      {isHelpOpen && <KeyHelp onClose={help.close} />}
    </AppShell>
  );
}

/** Both buttons are there and CSS shows one: the server can't know which colours this browser has stored. */
function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  return (
    <>
      <ActionIcon
        variant="default"
        size="lg"
        darkHidden
        onClick={() => setColorScheme("dark")}
        aria-label="Use the dark colours"
      >
        <IconMoon size={18} />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size="lg"
        lightHidden
        onClick={() => setColorScheme("light")}
        aria-label="Use the light colours"
      >
        <IconSun size={18} />
      </ActionIcon>
    </>
  );
}
