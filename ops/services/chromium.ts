import { installPackages, run } from "../shell.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** The path of a Chromium for the browser tests; Debian's is installed where root allows it. @throws Sentence. */
export function findChromium(): string {
  const find = () => names.map((name) => run("which", [name])).find(({ ok }) => ok)?.out;
  const found = process.env.CHROMIUM_PATH ?? find();
  if (found) return found;
  installPackages("Chromium, for the browser tests,", ["chromium"]);
  return find() ?? "chromium";
}
