import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import type { UsageList, UsedKey } from "../../api/schema";

/** Up to so many keys are counted; the newest ones where there are more. */
export const MOST_KEYS = 1000;
const PAGE = 100; // the most that the API gives

export interface UsageByKey {
  keys: UsedKey[];
  /** Not all of them have come yet: no total would be right. */
  isPending: boolean;
  /** There are more than `MOST_KEYS`. */
  isTooMany: boolean;
  error: unknown;
  retry: () => void;
}

/** How often each key was used, day by day; revoked keys are among them, so that the days add up. */
export function useUsageByKey(days: number): UsageByKey {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: [...queryKeys.usage, "by-key", days],
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/api-keys/usage", {
          params: { query: { days, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last, pages) => (isFull(pages) ? undefined : last.nextCursor),
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (data && hasNextPage && !isFetching && !isError) fetchNextPage();
  }, [data, hasNextPage, isFetching, isError, fetchNextPage]);
  const keys = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return {
    keys,
    isPending: data === undefined || hasNextPage,
    isTooMany: data !== undefined && isFull(data.pages) && data.pages.at(-1)?.nextCursor !== null,
    error: query.error,
    retry: () => void (data && hasNextPage ? fetchNextPage() : refetch()),
  };
}

function isFull(pages: UsageList[]): boolean {
  return pages.reduce((sum, page) => sum + page.data.length, 0) >= MOST_KEYS;
}
