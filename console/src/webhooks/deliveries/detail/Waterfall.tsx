import type { Attempt } from "../../../api/schema";
import { formatDuration } from "../../../format/numbers";
import { partsOf, wasOpenAlready } from "./timings";
import classes from "./Waterfall.module.css";

/** Where a call's time went: a bar for each part, along the whole call. */
export function Waterfall({ attempt }: { attempt: Attempt }) {
  const parts = partsOf(attempt);
  const total = Math.max(attempt.timingsMs.total ?? 0, ...parts.map(({ start, length }) => start + length));
  if (total === 0) return null;
  const share = (value: number) => `${(value / total) * 100}%`;
  return (
    <div>
      <dl className={classes.parts} aria-label="Timings">
        {parts.map(({ name, start, length }) => (
          <div key={name} className={classes.part}>
            <dt>{name}</dt>
            <dd className={classes.track} aria-hidden>
              <span className={classes.bar} style={{ marginInlineStart: share(start), inlineSize: share(length) }} />
            </dd>
            <dd className={classes.length}>{lengthWords(length)}</dd>
          </div>
        ))}
      </dl>
      {wasOpenAlready(attempt) && (
        <p className={classes.note}>An open connection was used again: no lookup, connection and TLS.</p>
      )}
    </div>
  );
}

/** Parts are often below a millisecond, and not nothing. */
function lengthWords(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : formatDuration(milliseconds);
}
