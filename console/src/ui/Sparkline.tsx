import classes from "./Sparkline.module.css";

const WIDTH = 100;
const HEIGHT = 24;

/** A small line of numbers, first to last; `label` says in words what it shows. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const highest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${round(index * step)},${round(HEIGHT - 1 - (value / highest) * (HEIGHT - 2))}`,
  );
  return (
    <svg
      className={classes.line}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      data-idle={values.every((value) => value === 0) || undefined}
    >
      <polyline points={points.join(" ")} />
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
