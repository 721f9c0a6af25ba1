import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";

/** How deliveries to all webhooks went, day by day. */
export function useDeliveries(days: number, { enabled = true }: { enabled?: boolean } = {}) {
  const api = useApi();
  return useQuery({
    queryKey: [...queryKeys.usage, "deliveries", days],
    queryFn: ({ signal }) => answered(api.GET("/webhooks/stats", { params: { query: { days } }, signal })),
    enabled,
  });
}
