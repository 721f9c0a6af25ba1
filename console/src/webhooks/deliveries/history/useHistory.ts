import { useEffect } from "react";
import { useSearch } from "wouter";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import { CURSOR, type PagedList, usePagedList } from "../../../api/usePagedList";
import { useUrlParameter } from "../../../url/useUrlParameter";
import { deliveryQueries } from "../data/deliveryQueries";
import { noteHistorySearch } from "./lastHistory";
import { allAttempts, failedAttempts, type Stretch } from "./stretches";

const LIVE_MILLISECONDS = 3000;
/** Looking through pages for what failed may take ten requests. */
const LIVE_FAILED_MILLISECONDS = 12_000;
const RESETS = [CURSOR];

export interface History {
  list: PagedList<Stretch>;
  failedOnly: boolean;
  setFailedOnly: (only: boolean) => void;
  /** Which page it is, as the address says. */
  page: string;
  /** Only the newest page has anything new to come, and only while it can be read. */
  isLive: boolean;
}

/** The part of a webhook's history that the address says; the newest is asked for again while the tab is in sight. */
export function useHistory(webhookId: string): History {
  const api = useApi();
  const parameters = useSearch();
  useEffect(() => noteHistorySearch(new URLSearchParams(parameters)), [parameters]);
  const [status, setStatus] = useUrlParameter("status", { resets: RESETS });
  const cursor = new URLSearchParams(parameters).get(CURSOR) ?? "";
  const failedOnly = status === "failed";
  const isNewest = cursor === "";
  const list = usePagedList<Stretch>({
    queryKey: [...deliveryQueries.history(webhookId), { failedOnly }],
    fetchPage: (from, signal) =>
      (failedOnly ? failedAttempts : allAttempts)(
        (query) =>
          answered(api.GET("/webhooks/{id}/deliveries", { params: { path: { id: webhookId }, query }, signal })),
        from,
      ),
    ...(isNewest ? { refetchMilliseconds: failedOnly ? LIVE_FAILED_MILLISECONDS : LIVE_MILLISECONDS } : {}),
  });
  return {
    list,
    failedOnly,
    setFailedOnly: (only) => setStatus(only ? "failed" : ""),
    page: `${failedOnly} ${cursor}`,
    isLive: isNewest && list.error === null,
  };
}
