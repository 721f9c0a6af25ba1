import { ACCOUNT_PARAMETER } from "../../session/useAccountId";

/** What the list's address said when it was last left, so that a key's screen leads back to the same list. */

const KEPT = ["status", "search", "sort", "cursor"] as const;

let last = new URLSearchParams();

export function noteListSearch(parameters: URLSearchParams): void {
  last = parameters;
}

/** For whoever comes back with `parameters`; another account's list is another list. */
export function lastListSearch(parameters: URLSearchParams): Record<string, string> {
  if (last.get(ACCOUNT_PARAMETER) !== parameters.get(ACCOUNT_PARAMETER)) return {};
  return Object.fromEntries(KEPT.flatMap((name) => (last.has(name) ? [[name, last.get(name) ?? ""]] : [])));
}
