"use client";

import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconClock, IconKeyboard, IconLogout, IconRowInsertBottom, IconUser } from "@tabler/icons-react";
import { useEffect } from "react";
import { usePreference } from "./preferences.ts";

/** Who I am, how the pages look to me, and the way out. */
export function UserMenu({ name, role, onHelp }: { name: string; role: string; onHelp(): void }) {
  const [clock, toggleClock] = usePreference("clock");
  const [density, toggleDensity] = usePreference("density");
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  const signOut = async () => {
    await fetch("/api/auth/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    window.location.assign("/sign-in");
  };
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Your account">
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs">{role}</Text>
        </Menu.Label>
        <Menu.Item closeMenuOnClick={false} onClick={toggleClock} leftSection={<IconClock size={16} aria-hidden />}>
          {clock === "utc" ? "Show local times" : "Show times in UTC"}
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          onClick={toggleDensity}
          leftSection={<IconRowInsertBottom size={16} aria-hidden />}
        >
          {density === "compact" ? "Use comfortable rows" : "Use compact rows"}
        </Menu.Item>
        <Menu.Item onClick={onHelp} leftSection={<IconKeyboard size={16} aria-hidden />}>
          Keys
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={signOut} leftSection={<IconLogout size={16} aria-hidden />}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
