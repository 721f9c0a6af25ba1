import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { HourOfAttempts, WebhookInStats } from "../../api/schema";
import { webhookQueries } from "./webhookQueries";

const REFRESH_MILLISECONDS = 30_000;

/** How each webhook has done in the last 24 hours, by its id. */
export function useHealth() {
  const api = useApi();
  return useQuery({
    queryKey: webhookQueries.health,
    queryFn: ({ signal }) => answered(api.GET("/webhooks/stats", { params: { query: { days: 1 } }, signal })),
    select: ({ webhooks }) => new Map<string, WebhookInStats>(webhooks.map((each) => [each.id, each])),
    refetchInterval: REFRESH_MILLISECONDS,
  });
}

export interface Total {
  attempts: number;
  failed: number;
  /** From 0 to 1; null without attempts. */
  successRate: number | null;
}

/** All hours together. */
export function totalOf(hours: readonly Pick<HourOfAttempts, "attempts" | "failed">[]): Total {
  const attempts = hours.reduce((sum, hour) => sum + hour.attempts, 0);
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  return { attempts, failed, successRate: attempts === 0 ? null : (attempts - failed) / attempts };
}
