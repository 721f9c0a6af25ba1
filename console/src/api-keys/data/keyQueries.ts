import { queryKeys } from "../../api/queryKeys";

/** The names of what is kept about keys; all of it is stale after `invalidateQueries({ queryKey: queryKeys.apiKeys })`. */
export const keyQueries = {
  all: [...queryKeys.apiKeys, "all"],
  pages: [...queryKeys.apiKeys, "page"],
  key: (id: string) => [...queryKeys.apiKeys, "key", id],
  usage: (id: string, days: number) => [...queryKeys.usage, "key", id, days],
};
