import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { here } from "../app/place";
import { currentAddress, useSession } from "../session/SessionContext";
import { useAccountId } from "../session/useAccountId";
import { type Api, createApi, isWorthAnotherTry, waitMilliseconds } from "./client";

const Context = createContext<Api | null>(null);

/** The API for who is signed in and the account that is chosen: `useQuery({ queryFn: () => answered(api.GET(…)) })`. */
export function useApi(): Api {
  const api = useContext(Context);
  if (!api) throw new Error("useApi needs an ApiProvider.");
  return api;
}

/** Each user and account has a cache of its own: no screen can show another account's things. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const { session, sessions } = useSession();
  const { accountId } = useAccountId();
  const { token, accountId: own } = session;
  const [api, queries] = useMemo(
    () =>
      [
        createApi({
          apiUrl: here.apiUrl,
          token,
          accountId: accountId === own ? null : accountId,
          onExpired: () => {
            if (sessions.current().session?.token === token) sessions.expire(currentAddress());
          },
        }),
        createQueries(),
      ] as const,
    [token, sessions, own, accountId],
  );
  useEffect(() => () => queries.clear(), [queries]);
  return (
    <Context value={api}>
      <QueryClientProvider client={queries} key={accountId}>
        {children}
      </QueryClientProvider>
    </Context>
  );
}

/** How questions are kept and asked again; tests have one of their own. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: isWorthAnotherTry, retryDelay: waitMilliseconds } },
  });
}
