/** Times in the reader's zone and words. The API's are RFC 3339 in UTC. */

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const exact = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const calendarDay = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const UNITS = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** `Mar 4, 2026`. */
export function formatDay(time: string | Date): string {
  return day.format(new Date(time));
}

/** `Mar 4, 2026, 02:05:09 PM GMT+1`. */
export function formatExactTime(time: string | Date): string {
  return exact.format(new Date(time));
}

/** A day of the API's statistics, `2026-03-04`, which is one in UTC, as `Mar 4`. */
export function formatCalendarDay(date: string): string {
  return calendarDay.format(new Date(`${date}T00:00:00Z`));
}

/** `3 hours ago`, `in 2 days`, `just now`: to the nearest. */
export function formatRelativeTime(time: string | Date, now: Date): string {
  const seconds = (new Date(time).getTime() - now.getTime()) / 1000;
  const distance = Math.abs(seconds);
  const chosen = UNITS.find(([, length], place) => {
    const smaller = UNITS[place + 1]?.[1] ?? 1;
    return distance >= length || Math.round(distance / smaller) * smaller >= length; // 59.5 minutes are an hour
  });
  if (!chosen) return seconds > 1 ? "in a moment" : "just now";
  const [unit, length] = chosen;
  return relative.format(Math.sign(seconds) * Math.round(distance / length), unit);
}
