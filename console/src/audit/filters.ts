/** What is asked for, as the address has it; empty where everything is. */
export interface Filters {
  action: string;
  actor: string;
  target: string;
  period: string;
  /** Days in the reader's zone, `2026-03-04`, both of them in the period. They count with the period "days". */
  from: string;
  to: string;
}

export const PERIODS = [
  { value: "", label: "Any time" },
  { value: "1", label: "Last 24 hours" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "days", label: "Between days" },
] as const;

export interface AuditQuery {
  action?: string;
  actorId?: string;
  targetId?: string;
  since?: string;
  until?: string;
}

/** The API's query. `now` is when the screen was opened: pages belong together. */
export function queryOf({ action, actor, target, period, from, to }: Filters, now: Date): AuditQuery {
  const days = Number(PERIODS.some(({ value }) => value === period) ? period : "");
  const since = period === "days" ? dayStart(from, 0) : days > 0 ? new Date(now.getTime() - days * 86_400_000) : null;
  const until = period === "days" ? dayStart(to, 1) : null;
  return {
    ...(action ? { action } : {}),
    ...(actor ? { actorId: actor } : {}),
    ...(target ? { targetId: target } : {}),
    ...(since ? { since: since.toISOString() } : {}),
    ...(until ? { until: until.toISOString() } : {}),
  };
}

/** The first moment of a day in the reader's zone, or of one some days later. */
function dayStart(day: string, later: number): Date | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  return year ? new Date(Number(year), Number(month) - 1, Number(date) + later) : null;
}

export function isFiltered(query: AuditQuery): boolean {
  return Object.keys(query).length > 0;
}
