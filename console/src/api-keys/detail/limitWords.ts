import type { Credits, RateLimit } from "../../api/schema";
import { durationWords } from "../../format/durations";
import { formatNumber } from "../../format/numbers";
import { formatExactTime } from "../../format/times";

/** `100 in 1 minute, 10 at once`. */
export function rateWords(limit: RateLimit | null): string {
  if (!limit) return "None";
  const burst = limit.burst === limit.limit ? "" : `, ${formatNumber(limit.burst)} at once`;
  return `${formatNumber(limit.limit)} in ${durationWords(limit.windowSeconds)}${burst}`;
}

/** `340 left, set to 1,000 at …`. */
export function creditWords(credits: Credits | null): string {
  if (!credits) return "Not limited";
  const { remaining, refill } = credits;
  const left = `${formatNumber(remaining)} left`;
  return refill ? `${left}, set to ${formatNumber(refill.amount)} at ${formatExactTime(refill.nextAt)}` : left;
}
