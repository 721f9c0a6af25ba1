import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { here } from "../app/place";
import { currentAddress, useSession } from "../session/SessionContext";
import { useAccountId } from "../session/useAccountId";
import { type Api, createApi, isWorthAnotherTry, waitMilliseconds } from "./client";

interface Asker {
  /** The API for the session and an account; null for the user's own account. */
  apiFor: (accountId: string | null) => Api;
  /** Answers about the session itself. They stay when another account is selected. */
  queries: QueryClient;
}

const AskerContext = createContext<Asker | null>(null);
const Context = createContext<Api | null>(null);

/** The API for the session and the selected account: `useQuery({ queryFn: () => answered(api.GET(…)) })`. */
export function useApi(): Api {
  const api = useContext(Context);
  if (!api) throw new Error("useApi needs an ApiProvider.");
  return api;
}

/** The API for questions about the session in any account. */
export function useAsker(): Asker {
  const asker = useContext(AskerContext);
  if (!asker) throw new Error("useAsker needs an ApiProvider.");
  return asker;
}

/** Each user and account has its own cache: no screen can show another account's data. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const { session, sessions } = useSession();
  const { accountId } = useAccountId();
  const { token } = session;
  const asker = useMemo<Asker>(
    () => ({
      apiFor: (of) =>
        createApi({
          apiUrl: here.apiUrl,
          token,
          accountId: of,
          onExpired: () => {
            if (sessions.current().session?.token === token) sessions.expire(currentAddress());
          },
        }),
      queries: createQueries(),
    }),
    [token, sessions],
  );
  const [api, queries] = useMemo(() => [asker.apiFor(accountId), createQueries()] as const, [asker, accountId]);
  useEffect(() => () => asker.queries.clear(), [asker]);
  useEffect(() => () => queries.clear(), [queries]);
  return (
    <AskerContext value={asker}>
      <Context value={api}>
        <QueryClientProvider client={queries} key={accountId ?? ""}>
          {children}
        </QueryClientProvider>
      </Context>
    </AskerContext>
  );
}

/** The cache of answers. Tests have their own. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: isWorthAnotherTry, retryDelay: waitMilliseconds } },
  });
}
