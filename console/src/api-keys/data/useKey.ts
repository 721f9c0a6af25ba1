import { type InfiniteData, type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { ApiError } from "../../api/problem";
import type { ApiKey, ApiKeyList } from "../../api/schema";
import { keyQueries } from "./keyQueries";

/** One key, at first as the list has it. With `fresh` it is asked for again however young it is. */
export function useKey(id: string, { fresh = false }: { fresh?: boolean } = {}): UseQueryResult<ApiKey> {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: keyQueries.key(id),
    queryFn: ({ signal }) => answered(api.GET("/api-keys/{id}", { params: { path: { id } }, signal })),
    placeholderData: () =>
      queries
        .getQueryData<InfiniteData<ApiKeyList, string>>(keyQueries.all)
        ?.pages.flatMap((page) => page.data)
        .find((key) => key.id === id),
    ...(fresh ? { refetchOnMount: "always" as const } : {}),
  });
}

/** Whether the key isn't there, or is another account's, which looks the same. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}
