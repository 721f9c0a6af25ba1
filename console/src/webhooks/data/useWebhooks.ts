import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { ApiError } from "../../api/problem";
import type { Webhook, WebhookList } from "../../api/schema";
import { webhookQueries } from "./webhookQueries";

const REFRESH_MILLISECONDS = 30_000; // the state changes by itself: receivers fail, and recover

/** All webhooks of the account, newest first: the API has them on one page. */
export function useWebhooks(): UseQueryResult<WebhookList> {
  const api = useApi();
  return useQuery({
    queryKey: webhookQueries.all,
    queryFn: ({ signal }) => answered(api.GET("/webhooks", { signal })),
    refetchInterval: REFRESH_MILLISECONDS,
  });
}

/** One webhook, at first as the list has it. With `fresh` it is asked for again however young it is. */
export function useWebhook(id: string, { fresh = false }: { fresh?: boolean } = {}): UseQueryResult<Webhook> {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: webhookQueries.one(id),
    queryFn: ({ signal }) => answered(api.GET("/webhooks/{id}", { params: { path: { id } }, signal })),
    placeholderData: () =>
      queries.getQueryData<WebhookList>(webhookQueries.all)?.data.find((webhook) => webhook.id === id),
    refetchInterval: REFRESH_MILLISECONDS,
    ...(fresh ? { refetchOnMount: "always" as const } : {}),
  });
}

/** Whether the webhook isn't there, or is another account's, which looks the same. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}
