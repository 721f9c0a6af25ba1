import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import type { PermissionProfile } from "../../api/schema";

const MOST_PROFILES = 100; // of an account: one page

/** The account's profiles, asked for where one of them is to be shown. */
export function useProfiles({ enabled = true }: { enabled?: boolean } = {}) {
  const api = useApi();
  const query = useQuery({
    queryKey: [...queryKeys.profiles, "choice"],
    queryFn: ({ signal }) =>
      answered(api.GET("/permission-profiles", { params: { query: { limit: MOST_PROFILES } }, signal })),
    enabled,
    staleTime: 60_000,
  });
  const profiles: PermissionProfile[] = query.data?.data ?? [];
  return {
    profiles,
    isPending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    nameOf: (id: string) => profiles.find((profile) => profile.id === id)?.name,
  };
}
