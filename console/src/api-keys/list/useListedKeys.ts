import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey } from "../../api/schema";
import { CURSOR, type PagedList, usePagedList } from "../../api/usePagedList";
import { keyQueries } from "../data/keyQueries";
import { useAllKeys } from "../data/useAllKeys";
import { type Arrangement, arranged, counted } from "./arranging";

export interface ListedKeys {
  keys: ApiKey[];
  isPending: boolean;
  /** More of them are on their way. */
  isLoading: boolean;
  error: unknown;
  retry: () => void;
  /** How many each status has; null as long as that isn't known. */
  counts: Record<ApiKey["status"], number> | null;
  /** The page that is shown where there are too many keys to load them all; they can't be sorted then. */
  page: PagedList<ApiKey> | null;
}

/**
 * The keys to show. All of them are loaded, filtered and sorted here as long as they are no more than `MOST_KEYS`; else
 * the API filters, and gives its pages, newest first.
 */
export function useListedKeys(arrangement: Arrangement): ListedKeys {
  const { status, search, sort, query } = arrangement;
  const api = useApi();
  const isAtPage = useSearchParams()[0].has(CURSOR); // only a list in pages has one
  const [wasAtPage, setWasAtPage] = useState(isAtPage);
  if (isAtPage && !wasAtPage) setWasAtPage(true); // there are still too many when its first page is looked at again
  const all = useAllKeys({ enabled: !wasAtPage });
  const inPages = wasAtPage || all.isTooMany;
  const page = usePagedList<ApiKey>({
    queryKey: [...keyQueries.pages, { status, search, query }],
    fetchPage: (asked, signal) =>
      answered(
        api.GET("/api-keys", {
          params: { query: { ...asked, ...query, ...(status ? { status } : {}), ...(search ? { search } : {}) } },
          signal,
        }),
      ),
    enabled: inPages,
  });
  const keys = useMemo(
    () => arranged(all.keys, { status, search, sort, query }),
    [all.keys, status, search, sort, query],
  );
  const counts = useMemo(() => (all.isComplete ? counted(all.keys) : null), [all.isComplete, all.keys]);
  if (inPages) {
    const { items, isPending, isStale, error, retry } = page;
    return { keys: items, isPending, isLoading: isStale, error, retry, counts: null, page };
  }
  // In another order than the API's, the first ones are known when all are.
  const isPending = all.isPending || (!all.isComplete && sort !== "newest" && !all.error);
  return {
    keys,
    isPending,
    isLoading: !all.isPending && !all.isComplete && !all.error,
    error: all.error,
    retry: all.retry,
    counts,
    page: null,
  };
}
