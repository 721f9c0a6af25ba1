import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import type { EventType } from "../../api/schema";

const PAGE = 100;

/** Every registered event type, in the order of names; a deployment has 1,000 at most. */
export function useEventTypes() {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: [...queryKeys.eventTypes, "all"],
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/event-types", {
          params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 60_000,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (data && hasNextPage && !isFetching && !isError) fetchNextPage();
  }, [data, hasNextPage, isFetching, isError, fetchNextPage]);
  const types: EventType[] = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return {
    types,
    isPending: query.isPending,
    error: query.error,
    retry: () => void (data && hasNextPage ? fetchNextPage() : refetch()),
  };
}
