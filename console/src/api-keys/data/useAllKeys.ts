import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey, ApiKeyList } from "../../api/schema";
import { keyQueries } from "./keyQueries";

/** Up to so many keys are loaded at once, to be searched and sorted here; more of them come in pages. */
export const MOST_KEYS = 1000;
const PAGE = 100; // the most that the API gives

export interface AllKeys {
  keys: ApiKey[];
  /** Nothing has come yet. */
  isPending: boolean;
  /** All that there are have come. */
  isComplete: boolean;
  /** There are more than `MOST_KEYS`. */
  isTooMany: boolean;
  error: unknown;
  retry: () => void;
}

type Pages = InfiniteData<ApiKeyList, string>;

/** Every key of the account, page by page, newest first, as long as there are no more than `MOST_KEYS`. */
export function useAllKeys({ enabled }: { enabled: boolean }): AllKeys {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: keyQueries.all,
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/api-keys", {
          params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last, pages) => (isTooMany(pages) ? undefined : last.nextCursor),
    // Where there are too many they serve to know that, and nothing else.
    staleTime: ({ state }) => (isTooMany((state.data as Pages | undefined)?.pages) ? Number.POSITIVE_INFINITY : 30_000),
    enabled,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (enabled && data && hasNextPage && !isFetching && !isError) fetchNextPage();
  }, [enabled, data, hasNextPage, isFetching, isError, fetchNextPage]);
  const keys = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return {
    keys,
    isPending: query.isPending,
    isComplete: data !== undefined && data.pages.at(-1)?.nextCursor === null,
    isTooMany: isTooMany(data?.pages),
    error: query.error,
    retry: () => void (data && hasNextPage ? fetchNextPage() : refetch()),
  };
}

function isTooMany(pages: ApiKeyList[] | undefined): boolean {
  if (!pages || pages.at(-1)?.nextCursor === null) return false;
  return pages.reduce((sum, page) => sum + page.data.length, 0) >= MOST_KEYS;
}
