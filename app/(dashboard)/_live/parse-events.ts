/** One server-sent event. */
export type ServerEvent = { kind: string; id: string; data: string };

/**
 * Cuts a stream of text into events, wherever its pieces were cut. Comments, which are heartbeats, give none.
 * @returns a function that takes the next piece and gives the events that it completes.
 */
export function createEventParser(): (piece: string) => ServerEvent[] {
  let rest = "";
  return (piece) => {
    const parts = (rest + piece).split("\n\n");
    rest = parts.pop()!;
    return parts.map(parseEvent).filter((event) => event !== null);
  };
}

function parseEvent(text: string): ServerEvent | null {
  const event = { kind: "message", id: "", data: "" };
  let hasData = false;
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
    if (name === "event") event.kind = value;
    if (name === "id") event.id = value;
    if (name === "data") {
      event.data = value;
      hasData = true;
    }
  }
  return hasData ? event : null;
}
