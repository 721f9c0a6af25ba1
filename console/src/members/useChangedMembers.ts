import { useQueryClient } from "@tanstack/react-query";
import { useAsker } from "../api/ApiContext";
import { queryKeys } from "../api/queryKeys";
import { useUserId } from "../session/useMe";

/** After a change: asks again for members, for the profiles' counts, and for the caller's rights if they changed. */
export function useChangedMembers(): (userId: string) => void {
  const queries = useQueryClient();
  const { queries: sessionQueries } = useAsker();
  const own = useUserId();
  return (userId) => {
    void queries.invalidateQueries({ queryKey: queryKeys.members });
    void queries.invalidateQueries({ queryKey: queryKeys.profiles });
    if (userId === own) void sessionQueries.invalidateQueries({ queryKey: queryKeys.me });
  };
}
