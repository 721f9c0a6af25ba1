import { Card, Group, SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { DayOfAttempts } from "../../api/schema";
import { formatDuration, formatNumber, formatShare } from "../../format/numbers";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { DAYS_BACK, PeriodControl, usePeriod } from "../../ui/Period";
import { useUrlParameter } from "../../url/useUrlParameter";
import { totalOf } from "../data/useHealth";
import { webhookQueries } from "../data/webhookQueries";
import classes from "./WebhookScreen.module.css";

const StatsChart = lazy(() => import("./StatsChart"));

const CHART_HEIGHT = 180;

/** How a webhook's attempts went, day by day. */
export function Stats({ id }: { id: string }) {
  const period = usePeriod("days", DAYS_BACK);
  const { days } = period;
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: webhookQueries.stats(id, days),
    queryFn: ({ signal }) =>
      answered(api.GET("/webhooks/{id}/stats", { params: { path: { id }, query: { days } }, signal })),
    refetchInterval: 30_000,
  });
  return (
    <Card withBorder padding="lg">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h5">
          Attempts
        </Title>
        <PeriodControl period={period} size="xs" />
      </Group>
      {error && <ErrorNotice error={error} title="The statistics couldn't be loaded" retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={CHART_HEIGHT + 112} />}
      {data && <Shown days={data.data} />}
    </Card>
  );
}

function Shown({ days }: { days: DayOfAttempts[] }) {
  const [shows, setShows] = useUrlParameter("chart");
  const total = totalOf(days);
  const latest = days.findLast(({ latencyMs }) => latencyMs !== null)?.latencyMs;
  return (
    <>
      <dl className={classes.numbers}>
        <Figure name="Attempts" value={formatNumber(total.attempts)} />
        <Figure name="Succeeded" value={total.successRate === null ? "—" : formatShare(total.successRate)} />
        <Figure name="Median, latest day" value={latest ? formatDuration(latest.p50) : "—"} />
        <Figure name="p95, latest day" value={latest ? formatDuration(latest.p95) : "—"} />
      </dl>
      {total.attempts === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing was sent in these days.
        </Text>
      ) : (
        <>
          <SegmentedControl
            size="xs"
            mb="sm"
            className={classes.chart ?? ""}
            aria-label="Chart"
            data={[
              { value: "", label: "Attempts" },
              { value: "latency", label: "Response time" },
            ]}
            value={shows === "latency" ? "latency" : ""}
            onChange={setShows}
          />
          <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
            <StatsChart days={days} shows={shows === "latency" ? "latency" : "attempts"} height={CHART_HEIGHT} />
          </Suspense>
        </>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
