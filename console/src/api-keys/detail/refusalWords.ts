import type { Usage } from "../../api/schema";

const WORDS: Record<string, string> = {
  RATE_LIMITED: "Over the rate limit",
  USAGE_EXCEEDED: "Out of credits",
  INSUFFICIENT_SCOPE: "Without the scope it needed",
  IP_NOT_ALLOWED: "From an address that isn't allowed",
  EXPIRED: "Expired, or a secret that was replaced",
  DISABLED: "Disabled",
  REVOKED: "Revoked",
  OWNER_INACTIVE: "Its owner is no longer a member",
};

export interface Refused {
  code: string;
  words: string;
  count: number;
}

/** What a key was refused for in all these days, the most often first. */
export function refusedByCode({ data }: Pick<Usage, "data">): Refused[] {
  const counts = new Map<string, number>();
  for (const { refused } of data) {
    for (const [code, count] of Object.entries(refused)) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts]
    .map(([code, count]) => ({ code, words: WORDS[code] ?? code, count }))
    .sort((one, other) => other.count - one.count);
}
