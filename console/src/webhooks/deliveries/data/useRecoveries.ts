import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import { queryKeys } from "../../../api/queryKeys";
import type { RecoverWebhookBody, RecoveryList } from "../../../api/schema";
import { deliveryQueries } from "./deliveryQueries";

const LIVE_MILLISECONDS = 1500;
const PAGE_SIZE = 20;

/** A webhook's recoveries, newest first; asked for again while one runs. */
export function useRecoveries(webhookId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: deliveryQueries.recoveries(webhookId),
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/webhooks/{id}/recoveries", {
          params: { path: { id: webhookId }, query: { limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }: RecoveryList) => nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.data.some(({ status }) => status === "running") ? LIVE_MILLISECONDS : false,
  });
}

/** Has what failed, or what was missed, delivered again. */
export function useRecover(webhookId: string, onStarted: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: RecoverWebhookBody) =>
      answered(api.POST("/webhooks/{id}/recover", { params: { path: { id: webhookId } }, body })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.webhooks }); // the offer is taken, too
      onStarted();
    },
  });
}

export function useCancelRecovery(webhookId: string, recoveryId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answered(
        api.POST("/webhooks/{id}/recoveries/{recoveryId}/cancel", { params: { path: { id: webhookId, recoveryId } } }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: deliveryQueries.recoveries(webhookId) }),
  });
}
