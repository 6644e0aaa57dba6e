/** One measured promise. `ratio` is ours against the peer where there is one. */
export type Metric = {
  name: string;
  ours: number;
  peer: number | null;
  ratio: number | null;
  gate: number;
  goal: number;
  unit: string;
  passed: boolean;
};

/** `atLeast` judges the ratio where there is a peer, else our own figure. */
export function judge(
  name: string,
  figures: { ours: number; peer?: number; unit: string },
  bound: { atLeast?: number; atMost?: number; goal: number },
): Metric {
  const { ours, peer, unit } = figures;
  const ratio = peer === undefined ? null : ours / peer;
  const judged = ratio ?? ours;
  const passed = bound.atLeast === undefined ? judged <= bound.atMost! : judged >= bound.atLeast;
  return {
    name,
    ours: round(ours),
    peer: peer === undefined ? null : round(peer),
    ratio: ratio && round(ratio),
    gate: bound.atLeast ?? bound.atMost!,
    goal: bound.goal,
    unit,
    passed,
  };
}

const round = (value: number) => Number(value.toPrecision(4));

/** As a line of JSON, or as a line for people. */
export function print(metric: Metric, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(metric));
    return;
  }
  const { name, ours, peer, ratio, gate, goal, unit, passed } = metric;
  const against = peer === null ? "" : `, peer ${peer}, ratio ${ratio}`;
  console.log(`${passed ? "ok    " : "MISSED"} ${name}: ${ours} ${unit}${against} (gate ${gate}, goal ${goal})`);
}
