import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { queryKeys } from "../../api/queryKeys";
import type { ApiKey, ApiKeyList } from "../../api/schema";
import { keyQueries } from "./keyQueries";

/**
 * Puts what the API answered to a change where keys are shown, at once. The API's list is by an index that may be a
 * moment behind, so that asking for it again could hide a key that was just created: it is asked when next looked at.
 */
export function useKeptKeys() {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      /** A changed or a new key; the answer's secret is left out. */
      keep: (answer: ApiKey) => keep(queries, withoutSecret(answer)),
      /** After a change that is answered without the key: its reads are consistent, and asked for again. */
      askAgain: () => queries.invalidateQueries({ queryKey: queryKeys.apiKeys }),
    }),
    [queries],
  );
}

function keep(queries: QueryClient, key: ApiKey): void {
  queries.setQueryData<ApiKey>(keyQueries.key(key.id), key);
  queries.setQueryData<InfiniteData<ApiKeyList, string>>(
    keyQueries.all,
    (all) =>
      all && { ...all, pages: all.pages.map((page, number) => withKey(page, key, number === 0 && !has(all, key))) },
  );
  queries.setQueriesData<ApiKeyList>({ queryKey: keyQueries.pages }, (page) => page && withKey(page, key, false));
  void queries.invalidateQueries({ queryKey: queryKeys.apiKeys, refetchType: "none" });
}

function has(all: InfiniteData<ApiKeyList, string>, key: ApiKey): boolean {
  return all.pages.some((page) => page.data.some(({ id }) => id === key.id));
}

function withKey(page: ApiKeyList, key: ApiKey, isNew: boolean): ApiKeyList {
  if (isNew) return { ...page, data: [key, ...page.data] };
  return { ...page, data: page.data.map((each) => (each.id === key.id ? key : each)) };
}

/** The API's object of a key, which is all that may be kept of an answer that has more. */
export function withoutSecret(answer: ApiKey): ApiKey {
  const { key, previousKeyExpiresAt, ...kept } = answer as ApiKey & { key?: unknown; previousKeyExpiresAt?: unknown };
  return kept;
}
