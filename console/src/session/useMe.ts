import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useAsker } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { Me } from "../api/schema";
import { type Account, accountsOf } from "./accounts";
import { contain, isManager } from "./rights";
import { useSession } from "./SessionContext";
import { useAccountId } from "./useAccountId";

/** The caller in the selected account: its user, role and scopes. */
export function useMe(): UseQueryResult<Me> {
  return useMeIn(useAccountId().accountId);
}

/** The caller in its own account. An advisor can be refused in the selected account only. */
export function useOwnMe(): UseQueryResult<Me> {
  return useMeIn(null);
}

function useMeIn(accountId: string | null): UseQueryResult<Me> {
  const { apiFor, queries } = useAsker();
  return useQuery(
    {
      queryKey: [...queryKeys.me, accountId],
      queryFn: ({ signal }) => answered(apiFor(accountId).GET("/me", { signal })),
      staleTime: Number.POSITIVE_INFINITY,
    },
    queries,
  );
}

/** The accounts that the user can select, the own account first. */
export function useAccounts(): Account[] {
  const { session } = useSession();
  const { data } = useOwnMe();
  return accountsOf(session, data);
}

/** The user's id; empty until it is known. */
export function useUserId(): string {
  const { session } = useSession();
  return useMe().data?.userId ?? session.userId;
}

export interface Rights {
  /** Whether the caller has the scope in the selected account. */
  may: (scope: string) => boolean;
  /** `GET /me` has not answered yet. The role in the claims decides until then. */
  isPending: boolean;
  error: unknown;
  retry: () => void;
}

/** The caller's rights in the selected account. */
export function useRights(): Rights {
  const { session } = useSession();
  const { data: me, error, isPending, refetch } = useMe();
  const granted = me ? me.scopes : isManager(session.role) ? ["*"] : [];
  return { may: (scope) => contain(granted, scope), isPending, error, retry: () => void refetch() };
}

/** Whether the caller has a scope in the selected account. */
export function useMay(scope: string): boolean {
  return useRights().may(scope);
}
