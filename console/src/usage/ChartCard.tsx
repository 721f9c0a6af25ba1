import { Card, ColorSwatch, Group, Skeleton, Text, Title } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";
import type { Series } from "./ByDayChart";
import type { DayOfNumbers } from "./counting";
import classes from "./Usage.module.css";
import { WaitingChart } from "./Waiting";

const ByDayChart = lazy(() => import("./ByDayChart"));

const HEIGHT = 240;

/** What there was in all, and by day. */
export function ChartCard(props: {
  title: string;
  /** What is counted: "accepted requests". */
  noun: string;
  total: string;
  about: ReactNode;
  /** Undefined while they are on their way. */
  days: DayOfNumbers[] | undefined;
  series: Series[];
  error: unknown;
  retry: () => void;
}) {
  const { title, noun, total, about, days, series, error, retry } = props;
  return (
    <Card withBorder padding="lg" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {error != null && !days && <ErrorNotice error={error} title={`${title} couldn't be loaded`} retry={retry} />}
      {error == null && !days && (
        <div role="status" aria-label="Loading">
          <Skeleton height={24} width={140} mt={8} mb={10} />
          <Skeleton height={12} width={100} mt={8} mb={20} />
          <WaitingChart height={HEIGHT} />
        </div>
      )}
      {days && (
        <>
          <p className={classes.total}>
            <span className={classes.number}>{total}</span> {noun}
          </p>
          <Group justify="space-between" gap="xs" mb="md">
            <Text size="sm" c="dimmed">
              {about}
            </Text>
            {series.length > 1 && <Legend series={series} />}
          </Group>
          <Suspense fallback={<WaitingChart height={HEIGHT} />}>
            <ByDayChart title={`${title} by day`} days={days} series={series} height={HEIGHT} />
          </Suspense>
        </>
      )}
    </Card>
  );
}

function Legend({ series }: { series: Series[] }) {
  return (
    <Group gap="md" aria-hidden>
      {series.map(({ name, color }) => (
        <span key={name} className={classes.series}>
          <ColorSwatch color={color} size={8} withShadow={false} />
          {name}
        </span>
      ))}
    </Group>
  );
}
