/** Keys end with a day of the reader's calendar: `2026-03-04` is the last one on which they work. */

/** The first moment after that day. */
export function endOfLastDay(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + 1);
}

/** The last day on which a key works that expires at that moment. */
export function lastDayOf(expiresAt: string): string {
  return dayOf(new Date(new Date(expiresAt).getTime() - 1));
}

/** A moment's day. */
export function dayOf(moment: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
