import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import { PageHeader } from "../../ui/PageHeader";

/** One key. */
export function KeyScreen({ id }: { id: string }) {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [...queryKeys.apiKeys, "key", id],
    queryFn: ({ signal }) => answered(api.GET("/api-keys/{id}", { params: { path: { id } }, signal })),
  });
  return <PageHeader title={data?.name ?? "API key"} about={data?.prefix ?? ""} />;
}
