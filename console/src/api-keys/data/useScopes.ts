import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../api/ApiContext";
import { type Api, answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import type { Scope } from "../../api/schema";

const PAGE = 100; // the maximum of the API
const MOST_PAGES = 20;

export interface Scopes {
  scopes: readonly Scope[];
  names: readonly string[];
  isPending: boolean;
  error: unknown;
  retry: () => void;
}

const NONE: readonly Scope[] = [];

/** The scope catalogue of the deployment. */
export function useScopes(): Scopes {
  const api = useApi();
  const { data, isPending, error, refetch } = useQuery({
    queryKey: queryKeys.scopes,
    queryFn: ({ signal }) => allScopes(api, signal),
    staleTime: 60_000,
  });
  const scopes = data ?? NONE;
  const names = useMemo(() => scopes.map(({ name }) => name), [scopes]);
  return { scopes, names, isPending, error, retry: () => void refetch() };
}

async function allScopes(api: Api, signal: AbortSignal): Promise<Scope[]> {
  const found: Scope[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    const { data, nextCursor } = await answered(api.GET("/scopes", { params: { query }, signal }));
    found.push(...data);
    cursor = nextCursor;
    if (cursor === null) break;
  }
  return found;
}
