import { ACCOUNT_PARAMETER } from "../session/useAccountId";

/** What a list's address said when it was last left, so that what is in the list leads back to the same page of it. */
export interface RememberedSearch {
  note: (parameters: URLSearchParams) => void;
  /** For whoever comes back with `parameters`; another account's list is another list. */
  recall: (parameters: URLSearchParams) => Record<string, string>;
}

/** Remembers these parameters of one list. */
export function rememberedSearch(names: readonly string[]): RememberedSearch {
  let last = new URLSearchParams();
  return {
    note: (parameters) => {
      last = parameters;
    },
    recall: (parameters) => {
      if (last.get(ACCOUNT_PARAMETER) !== parameters.get(ACCOUNT_PARAMETER)) return {};
      return Object.fromEntries([...last].filter(([name]) => names.includes(name)));
    },
  };
}
