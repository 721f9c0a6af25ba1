import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import type { Delivery } from "../../../api/schema";
import { deliveryQueries } from "./deliveryQueries";

const OFTEN_MILLISECONDS = 1500;
const SELDOM_MILLISECONDS = 8000;
const SOON_MILLISECONDS = 60_000;

/** One delivery with its attempts, asked for again while it is looked at: often while attempt `awaited` is to come. */
export function useDelivery(webhookId: string, id: string, awaited: number | null): UseQueryResult<Delivery> {
  const api = useApi();
  return useQuery({
    queryKey: deliveryQueries.delivery(webhookId, id),
    queryFn: ({ signal }) =>
      answered(
        api.GET("/webhooks/{id}/deliveries/{deliveryId}", {
          params: { path: { id: webhookId, deliveryId: id } },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data, error } }) =>
      error ? false : data && isDueSoon(data, awaited, Date.now()) ? OFTEN_MILLISECONDS : SELDOM_MILLISECONDS,
  });
}

/** Whether an attempt is being made now, or will be within a minute. */
export function isDueSoon(delivery: Delivery, awaited: number | null, now: number): boolean {
  if (awaited !== null && !delivery.attempts.some(({ attempt }) => attempt >= awaited)) return true;
  const due = delivery.nextAttemptAt ? Date.parse(delivery.nextAttemptAt) - now : Number.POSITIVE_INFINITY;
  return due < SOON_MILLISECONDS && due > -SOON_MILLISECONDS;
}
