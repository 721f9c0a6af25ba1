import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { UsedKey } from "../../api/schema";
import { createUsageLoader } from "./gatherUsage";
import { keyQueries } from "./keyQueries";

/** The days that a row's line shows. */
export const LINE_DAYS = 30;

const Context = createContext<ReturnType<typeof createUsageLoader> | null>(null);

/** Around rows that show their key's use: what they ask for goes out together. */
export function UsageLoader({ children }: { children: ReactNode }) {
  const api = useApi();
  const load = useMemo(
    () =>
      createUsageLoader(async (ids) => {
        const query = { keyIds: ids.join(","), days: LINE_DAYS, limit: ids.length };
        return (await answered(api.GET("/api-keys/usage", { params: { query } }))).data;
      }),
    [api],
  );
  return <Context value={load}>{children}</Context>;
}

/** A key's last `LINE_DAYS` days. */
export function useUsageLine(id: string) {
  const load = useContext(Context);
  if (!load) throw new Error("useUsageLine needs a UsageLoader.");
  return useQuery<UsedKey | null>({
    queryKey: keyQueries.usage(id, LINE_DAYS),
    queryFn: ({ signal }) => load(id, signal),
    staleTime: 60_000,
  });
}
