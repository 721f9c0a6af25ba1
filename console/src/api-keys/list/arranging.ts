import type { ApiKey } from "../../api/schema";
import { comparable } from "../../format/names";
import { type KeyQuery, matchesQuery } from "./filters";

/** How the list stands: filters and an order, as the address has them. */
export interface Arrangement {
  status: ApiKey["status"] | "";
  search: string;
  sort: Sort;
  query: KeyQuery;
}

export const STATUSES = ["active", "disabled", "expired", "revoked"] as const satisfies readonly ApiKey["status"][];

export const SORTS = {
  newest: "Newest first",
  oldest: "Oldest first",
  name: "Name, A to Z",
  "-name": "Name, Z to A",
  "-used": "Last used first",
  used: "Longest unused first",
  "-requests": "Most requests first",
  requests: "Fewest requests first",
  expires: "Expires soonest",
  "-expires": "Expires last",
} as const;

export type Sort = keyof typeof SORTS;

export function isSort(text: string): text is Sort {
  return Object.hasOwn(SORTS, text);
}

/** The keys that the filters leave, in order; `keys` are newest first, as the API has them. */
export function arranged(keys: readonly ApiKey[], { status, search, sort, query }: Arrangement): ApiKey[] {
  const found = keys.filter(
    (key) => (!status || key.status === status) && matches(key, search) && matchesQuery(key, query),
  );
  if (sort === "newest") return found;
  if (sort === "oldest") return found.reverse();
  const [by, sign] = sort.startsWith("-") ? [sort.slice(1), -1] : [sort, 1];
  const compare = COMPARISONS[by as keyof typeof COMPARISONS];
  return found.sort((one, other) => sign * compare(one, other));
}

/** How many keys each status has. */
export function counted(keys: readonly ApiKey[]): Record<ApiKey["status"], number> {
  const counts = { active: 0, disabled: 0, expired: 0, revoked: 0 };
  for (const { status } of keys) counts[status] += 1;
  return counts;
}

/** What may be searched for: of a whole key no more than its public first characters, which may stand in an address. */
export function publicSearch(text: string, keyPrefix: string): string {
  const shown = keyPrefix.length + 4;
  return text.startsWith(keyPrefix) ? text.slice(0, shown) : text;
}

// As the API searches: names case-folded in NFC, the key's first characters exactly.
function matches(key: ApiKey, search: string): boolean {
  return !search || comparable(key.name).includes(comparable(search)) || key.prefix.includes(search);
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const NEVER_USED = ""; // before every time
const NEVER_EXPIRES = "~"; // after every time

const COMPARISONS = {
  name: (one: ApiKey, other: ApiKey) => names.compare(one.name, other.name),
  used: (one: ApiKey, other: ApiKey) => order(one.lastUsedAt ?? NEVER_USED, other.lastUsedAt ?? NEVER_USED),
  requests: (one: ApiKey, other: ApiKey) => one.requestCount - other.requestCount,
  expires: (one: ApiKey, other: ApiKey) => order(one.expiresAt ?? NEVER_EXPIRES, other.expiresAt ?? NEVER_EXPIRES),
};

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0; // RFC 3339 in UTC sorts as text
}
