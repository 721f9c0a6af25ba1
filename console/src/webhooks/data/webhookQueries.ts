import { queryKeys } from "../../api/queryKeys";

/** The names of what is kept about webhooks; all of it is stale after `invalidateQueries({ queryKey: queryKeys.webhooks })`. */
export const webhookQueries = {
  all: [...queryKeys.webhooks, "all"],
  one: (id: string) => [...queryKeys.webhooks, "one", id],
  health: [...queryKeys.webhooks, "health"],
  filterTest: [...queryKeys.webhooks, "filter-test"],
  stats: (id: string, days: number) => [...queryKeys.webhooks, "stats", id, days],
};
