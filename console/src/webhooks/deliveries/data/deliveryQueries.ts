import { queryKeys } from "../../../api/queryKeys";

/** The names of what is kept about a webhook's deliveries; all of it is stale with `queryKeys.webhooks`. */
export const deliveryQueries = {
  history: (webhookId: string) => [...queryKeys.webhooks, webhookId, "history"],
  delivery: (webhookId: string, id: string) => [...queryKeys.webhooks, webhookId, "delivery", id],
  recoveries: (webhookId: string) => [...queryKeys.webhooks, webhookId, "recoveries"],
};
