import type { ApiKey, UsedKey } from "../api/schema";

const DAY_MILLISECONDS = 86_400_000;

/** One UTC day, `2026-03-04`, and a number for each series of a chart. */
export interface DayOfNumbers {
  day: string;
  values: number[];
}

/** The requests of all keys by day; every key has the same days, those without requests too. */
export function totalByDay(keys: readonly UsedKey[]): DayOfNumbers[] {
  const totals = new Map<string, number>();
  for (const { data } of keys) {
    for (const { day, requests } of data) totals.set(day, (totals.get(day) ?? 0) + requests);
  }
  return [...totals].sort(([one], [other]) => (one < other ? -1 : 1)).map(([day, sum]) => ({ day, values: [sum] }));
}

/** The keys that had requests, the most used first. */
export function mostUsed(keys: readonly UsedKey[]): UsedKey[] {
  return keys.filter(({ requests }) => requests > 0).sort((one, other) => other.requests - one.requests);
}

/**
 * The keys that work or could be enabled, and were neither used nor created within so many days; the longest unused
 * first. That is what the API means by `unusedSince`.
 */
export function unused(keys: readonly ApiKey[], days: number, now: Date): ApiKey[] {
  const since = now.getTime() - days * DAY_MILLISECONDS;
  return keys
    .filter(({ status }) => status === "active" || status === "disabled")
    .filter((key) => lastSign(key) < since)
    .sort((one, other) => lastSign(one) - lastSign(other));
}

function lastSign({ lastUsedAt, createdAt }: ApiKey): number {
  return new Date(lastUsedAt ?? createdAt).getTime();
}

/** The keys that work and end within so many days, the soonest first. */
export function expiring(keys: readonly ApiKey[], days: number, now: Date): ApiKey[] {
  const end = (key: ApiKey) => (key.expiresAt ? new Date(key.expiresAt).getTime() : Number.POSITIVE_INFINITY);
  return keys
    .filter(({ status }) => status === "active")
    .filter((key) => end(key) - now.getTime() < days * DAY_MILLISECONDS)
    .sort((one, other) => end(one) - end(other));
}
