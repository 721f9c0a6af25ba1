import { Card, Group, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { Usage } from "../../api/schema";
import { formatNumber } from "../../format/numbers";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { DAYS_BACK, PeriodControl, usePeriod } from "../../ui/Period";
import { keyQueries } from "../data/keyQueries";
import { Refusals } from "./Refusals";
import { refusedByCode } from "./refusalWords";

const UsageChart = lazy(() => import("./UsageChart"));

const CHART_HEIGHT = 260;

/** How a key was used and refused, day by day. */
export function KeyUsage({ id, requestCount }: { id: string; requestCount: number }) {
  const period = usePeriod("days", DAYS_BACK);
  const { days } = period;
  const api = useApi();
  const { data, error, refetch } = useQuery({
    // Each request that the key's facts already count is in the chart, too.
    queryKey: [...keyQueries.usage(id, days), "refusals", requestCount],
    queryFn: ({ signal }) =>
      answered(api.GET("/api-keys/{id}/usage", { params: { path: { id }, query: { days } }, signal })),
  });
  return (
    <Card withBorder padding="lg">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h5">
          Usage
        </Title>
        <PeriodControl period={period} size="xs" />
      </Group>
      {error && <ErrorNotice error={error} title="The usage couldn't be loaded" retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={CHART_HEIGHT + 40} />}
      {data && <Shown usage={data} />}
    </Card>
  );
}

function Shown({ usage }: { usage: Usage }) {
  const refused = refusedByCode(usage);
  const refusals = refused.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <Text size="sm" mb="md">
        {formatNumber(usage.requests)} accepted · {formatNumber(refusals)} refused · days in UTC
      </Text>
      <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
        <UsageChart days={usage.data} height={CHART_HEIGHT} />
      </Suspense>
      <Refusals refused={refused} />
    </>
  );
}
