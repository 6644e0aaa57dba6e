import { examine } from "./examine.ts";

/* `npm run doctor`: one line a part, a cure under each that is not well. Exit code 3 when something is not. */

const findings = await examine();
for (const { part, isWell, what, cure } of findings) {
  console.log(`${isWell ? "ok  " : "ILL "} ${part.padEnd(20)} ${what}`);
  if (!isWell) console.log(`     ${"".padEnd(20)} cure: ${cure}`);
}
process.exit(findings.every(({ isWell }) => isWell) ? 0 : 3);
