import type { ApiKey } from "../../api/schema";
import { durationWords } from "../../format/durations";
import { inSentence } from "../../members/words";

/** Filters of the list, as they are in the URL. An empty text is no filter. Periods are numbers of days. */
export interface KeyFilters {
  owner: string;
  creator: string;
  unused: string;
  expires: string;
  rotated: string;
  scope: string;
}

export const NO_FILTERS: KeyFilters = { owner: "", creator: "", unused: "", expires: "", rotated: "", scope: "" };
export const FILTER_NAMES = Object.keys(NO_FILTERS) as (keyof KeyFilters)[];

/** The days to choose from. */
export const DAYS = { unused: [30, 90, 180, 365], expires: [7, 30, 90], rotated: [30, 90, 180, 365] } as const;

/** The API's query for the filters. */
export interface KeyQuery {
  ownerUserId?: string;
  createdBy?: string;
  unusedSince?: string;
  expiresBefore?: string;
  rotatedBefore?: string;
  scope?: string;
}

const DAY_MILLISECONDS = 86_400_000;

/** The query for a list that was opened `now`, so that its pages belong together. Unknown periods are ignored. */
export function queryOf(filters: KeyFilters, now: Date): KeyQuery {
  const { owner, creator, unused, expires, rotated, scope } = filters;
  const moment = (days: string, sign: 1 | -1) =>
    /^[1-9]\d{0,3}$/.test(days)
      ? new Date(now.getTime() + sign * Number(days) * DAY_MILLISECONDS).toISOString().replace(/\.\d+Z$/, "Z")
      : null;
  const [unusedSince, expiresBefore, rotatedBefore] = [moment(unused, -1), moment(expires, 1), moment(rotated, -1)];
  return {
    ...(owner ? { ownerUserId: owner } : {}),
    ...(creator ? { createdBy: creator } : {}),
    ...(unusedSince ? { unusedSince } : {}),
    ...(expiresBefore ? { expiresBefore } : {}),
    ...(rotatedBefore ? { rotatedBefore } : {}),
    ...(scope ? { scope } : {}),
  };
}

/** Whether a key matches a query, by the rules of the API. Times in UTC are compared as text. */
export function matchesQuery(key: ApiKey, query: KeyQuery): boolean {
  const { ownerUserId, createdBy, unusedSince, expiresBefore, rotatedBefore, scope } = query;
  return (
    (!ownerUserId || key.ownerUserId === ownerUserId) &&
    (!createdBy || key.userId === createdBy) &&
    (!unusedSince || (key.createdAt < unusedSince && (key.lastUsedAt ?? "") < unusedSince)) &&
    (!expiresBefore || (key.expiresAt !== null && key.expiresAt < expiresBefore)) &&
    (!rotatedBefore || (key.rotatedAt ?? key.createdAt) < rotatedBefore) &&
    (!scope || key.scopes.includes(scope))
  );
}

export function daysWords(days: number): string {
  return durationWords(days * 86_400);
}

/** What a filter keeps, for people. `userName` gives the name of a user. */
export function filterWords(name: keyof KeyFilters, value: string, userName: (id: string) => string): string {
  const words: Record<keyof KeyFilters, () => string> = {
    owner: () => `Owner: ${userName(value)}`,
    creator: () => `Created by ${inSentence(userName(value))}`,
    unused: () => `Unused for ${daysWords(Number(value))}`,
    expires: () => `Expires within ${daysWords(Number(value))}`,
    rotated: () => `Secret older than ${daysWords(Number(value))}`,
    scope: () => `Scope ${value}`,
  };
  return words[name]();
}
