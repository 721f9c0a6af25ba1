import type { HourOfAttempts } from "../../api/schema";
import classes from "./HealthStrip.module.css";

const HEIGHT = 24;
const WIDTH = 4;
const STEP = 5;
const LEAST = 6; // so that one failure among thousands is seen

/**
 * Hours, the oldest first, each a bar: as much of it as failed stands in another colour at its foot, and an hour in which
 * nothing was sent is a dot.
 */
export function HealthStrip({ hours, label }: { hours: readonly HourOfAttempts[]; label: string }) {
  return (
    <svg
      className={classes.strip}
      viewBox={`0 0 ${Math.max(1, hours.length) * STEP - 1} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      {hours.map(({ hour, attempts, failed }, index) => (
        <g key={hour}>
          <Hour x={index * STEP} attempts={attempts} failed={failed} />
        </g>
      ))}
    </svg>
  );
}

function Hour({ x, attempts, failed }: { x: number; attempts: number; failed: number }) {
  const box = { x, width: WIDTH, rx: 1 };
  if (attempts === 0) return <rect {...box} y={HEIGHT - 3} height={3} className={classes.idle} />;
  const bad = failedHeight(attempts, failed);
  return (
    <>
      {bad < HEIGHT && <rect {...box} y={0} height={HEIGHT - bad - (bad > 0 ? 1 : 0)} className={classes.good} />}
      {bad > 0 && <rect {...box} y={HEIGHT - bad} height={bad} className={classes.bad} />}
    </>
  );
}

/** How high the failed part is: never nothing for some, never all of it for not all. */
export function failedHeight(attempts: number, failed: number): number {
  if (failed === 0) return 0;
  if (failed === attempts) return HEIGHT;
  return Math.min(HEIGHT - LEAST, Math.max(LEAST, Math.round((HEIGHT * failed) / attempts)));
}
