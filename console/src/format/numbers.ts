/** Numbers as the reader writes them. */

const whole = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

/** `12,345`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** `12.3K`, for narrow places; below 10,000 it is exact. */
export function formatCompact(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
}

/** A share from 0 to 1 as `99.5%`. What is not all is never shown as 100 %, what is not nothing never as 0 %. */
export function formatShare(share: number): string {
  if (share > 0.999 && share < 1) return percent.format(0.999);
  if (share > 0 && share < 0.001) return percent.format(0.001);
  return percent.format(share);
}

/** Milliseconds as `85 ms` or `1.25 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${whole.format(Math.round(milliseconds))} ms`;
  return `${(milliseconds / 1000).toLocaleString(undefined, { maximumFractionDigits: 2 })} s`;
}
