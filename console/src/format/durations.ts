/** Durations in words; those in milliseconds, which are measured, are `formatDuration`'s. */

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** `5 minutes`, in the largest unit that fits exactly. */
export function durationWords(seconds: number): string {
  const [length, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, "second"];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
