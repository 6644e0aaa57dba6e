import {
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  IconPlayerPause,
  IconProgress,
  type TablerIcon,
} from "@tabler/icons-react";
import type { MapStatus } from "./prepare-map.ts";

/** A status has a colour, an icon and a kind of line, so that no one of them is alone. */
export const statusLooks: Record<MapStatus, { color: string; icon: TablerIcon; dashes: string | undefined }> = {
  ok: { color: "var(--mantine-color-teal-7)", icon: IconCircleCheck, dashes: undefined },
  busy: { color: "var(--mantine-color-blue-6)", icon: IconProgress, dashes: undefined },
  bad: { color: "var(--mantine-color-red-7)", icon: IconCircleX, dashes: "8 4" },
  paused: { color: "var(--mantine-color-yellow-9)", icon: IconPlayerPause, dashes: "2 4" },
  unknown: { color: "var(--mantine-color-gray-6)", icon: IconHelpCircle, dashes: "1 5" },
};
