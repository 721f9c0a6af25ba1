import { useQueryClient } from "@tanstack/react-query";
import { queryKeys } from "../../api/queryKeys";

/** After a change: wherever profiles are shown, they are asked for again. */
export function useChangedProfiles(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: queryKeys.profiles });
}
