/** Width and height of the drawing, px. */
const WIDTH = 96;
const HEIGHT = 24;

/** Numbers over time as bars; the sentence is for those who can't see them. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const highest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--mantine-color-default-border)" />
      {values.map((value, index) => {
        const height = value === 0 ? 0 : Math.max(2, (value / highest) * (HEIGHT - 2));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the place in time is what tells the bars apart
            key={index}
            x={index * step}
            y={HEIGHT - height}
            width={Math.max(1, step - 1)}
            height={height}
            fill="var(--mantine-color-red-6)"
          />
        );
      })}
    </svg>
  );
}
