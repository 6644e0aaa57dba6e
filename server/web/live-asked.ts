import { type LiveTopic, liveChannels, MAX_LIVE_CHANNELS } from "#contracts/api/live";
import { type Viewer, viewerMay } from "#server/platform/auth";
import { Problem } from "#server/platform/problem";

const key = /^[0-9a-z-]{1,64}$/;

/** The topic of a channel's name; null = there is no such channel. */
function topicOf(name: string): LiveTopic | null {
  const [topic, ...rest] = name.split(":") as [LiveTopic, ...string[]];
  if (!Object.hasOwn(liveChannels, topic)) return null;
  const isWhole = liveChannels[topic].isPerKey ? rest.length === 1 && key.test(rest[0]!) : rest.length === 0;
  return isWhole ? topic : null;
}

/** Why this viewer can't have a channel; null = he can. Each channel has its own permission. */
export function refuseChannel(viewer: Viewer, name: string): Problem | null {
  const topic = topicOf(name);
  if (topic === null) return new Problem(404, "channel_not_found", `There is no channel "${name.slice(0, 100)}".`);
  if (viewerMay(viewer, liveChannels[topic].permission)) return null;
  return new Problem(403, "not_allowed", `Your role, ${viewer.role}, may not see ${name}.`);
}

/** The channels that a stream's request asks for, each once. @throws Problem 400. */
export function readAsked(url: string): string[] {
  const asked = new URLSearchParams(url.split("?", 2)[1]).get("channels") ?? "";
  const names = [...new Set(asked.split(",").filter(Boolean))];
  if (names.length === 0) throw new Problem(400, "no_channels", "Name what you want to see: ?channels=overview,map.");
  if (names.length > MAX_LIVE_CHANNELS)
    throw new Problem(400, "too_many_channels", `A stream carries ${MAX_LIVE_CHANNELS} channels at most.`);
  return names;
}
