import { useState } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { AuditEvent } from "../api/schema";
import { usePagedList } from "../api/usePagedList";
import { PageHeader } from "../ui/PageHeader";
import { AuditFilters } from "./AuditFilters";
import { AuditList } from "./AuditList";
import { isFiltered, queryOf } from "./filters";
import { NO_FILTERS, useFilters } from "./useFilters";

const PAGE = 50;

/** Who did what, newest first. */
export function AuditScreen() {
  const api = useApi();
  const [now] = useState(() => new Date());
  const { filters, set } = useFilters();
  const query = queryOf(filters, now);
  const list = usePagedList<AuditEvent>({
    queryKey: [...queryKeys.auditEvents, query],
    fetchPage: (page, signal) =>
      answered(api.GET("/audit-events", { params: { query: { ...query, ...page, limit: PAGE } }, signal })),
  });
  return (
    <>
      <PageHeader title="Audit" about="Who did what to keys and webhooks, and what was refused." />
      <AuditFilters filters={filters} set={set} />
      <AuditList list={list} isFiltered={isFiltered(query)} set={set} onClear={() => set(NO_FILTERS)} />
    </>
  );
}
