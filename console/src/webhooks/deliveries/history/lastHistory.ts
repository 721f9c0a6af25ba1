import { ACCOUNT_PARAMETER } from "../../../session/useAccountId";

/** What the history's address said when it was last left, so that a delivery's screen leads back to the same page. */

const KEPT = ["status", "cursor"] as const;

let last = new URLSearchParams();

export function noteHistorySearch(parameters: URLSearchParams): void {
  last = parameters;
}

/** For whoever comes back with `parameters`; another account's history is another one. */
export function lastHistorySearch(parameters: URLSearchParams): Record<string, string> {
  if (last.get(ACCOUNT_PARAMETER) !== parameters.get(ACCOUNT_PARAMETER)) return {};
  return Object.fromEntries(KEPT.flatMap((name) => (last.has(name) ? [[name, last.get(name) ?? ""]] : [])));
}
