import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import { queryKeys } from "../../../api/queryKeys";
import type { EventType } from "../../../api/schema";

const PAGE_SIZE = 100;

/** All event types that are registered, in the order of their names. */
export function useEventTypes(): UseQueryResult<EventType[]> {
  const api = useApi();
  return useQuery({
    queryKey: [...queryKeys.eventTypes, "whole"],
    queryFn: async ({ signal }) => {
      const types: EventType[] = [];
      let query: { limit: number; cursor?: string } = { limit: PAGE_SIZE };
      for (;;) {
        const { data, nextCursor } = await answered(api.GET("/event-types", { params: { query }, signal }));
        types.push(...data);
        if (nextCursor === null) return types;
        query = { ...query, cursor: nextCursor };
      }
    },
    staleTime: 300_000,
  });
}
