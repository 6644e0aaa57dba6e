import type { FromTab, Port, ToTab } from "./messages.ts";
import { readStream } from "./read-stream.ts";
import { shareStream } from "./share-stream.ts";

/* The browser's one stream lives here, for all tabs. It ends with the last of them. */

const shared = shareStream(readStream);
addEventListener("connect", (event) => shared.join((event as MessageEvent).ports[0] as Port<FromTab, ToTab>));
