import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import { deliveryQueries } from "../data/deliveryQueries";

/** Has the next attempt at a delivery made now. */
export function useRetry(webhookId: string, id: string, onAccepted: (attempt: number) => void) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answered(
        api.POST("/webhooks/{id}/deliveries/{deliveryId}/retry", {
          params: { path: { id: webhookId, deliveryId: id } },
        }),
      ),
    onSuccess: ({ attempt }) => {
      onAccepted(attempt);
      void queries.invalidateQueries({ queryKey: deliveryQueries.delivery(webhookId, id) });
      void queries.invalidateQueries({ queryKey: deliveryQueries.history(webhookId) });
    },
  });
}
