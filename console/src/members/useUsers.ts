import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { ListedMember } from "../api/schema";
import { useMay, useUserId } from "../session/useMe";
import { nameOf, YOU } from "./words";

const MOST = 100; // one page of the API

/** The first members of the account, for suggestions and names. Empty if the caller may not read members. */
export function useUsers({ enabled = true }: { enabled?: boolean } = {}): {
  users: readonly ListedMember[];
  /** "You", the member's name, or the id. */
  nameOf: (userId: string) => string;
} {
  const api = useApi();
  const own = useUserId();
  const mayRead = useMay("account-members:read");
  const { data } = useQuery({
    queryKey: [...queryKeys.members, "names"],
    queryFn: ({ signal }) => answered(api.GET("/members", { params: { query: { limit: MOST } }, signal })),
    enabled: enabled && mayRead,
    staleTime: 60_000,
  });
  const users = data?.data ?? NONE;
  return {
    users,
    nameOf: (userId) => {
      if (userId === own) return YOU;
      const member = users.find((each) => each.userId === userId);
      return member ? nameOf(member) : userId;
    },
  };
}

const NONE: readonly ListedMember[] = [];
