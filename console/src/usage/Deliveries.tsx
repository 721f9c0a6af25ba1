import { formatNumber, formatShare } from "../format/numbers";
import { ChartCard } from "./ChartCard";
import { useDeliveries } from "./data/useDeliveries";

const SERIES = [
  { name: "Delivered", color: "var(--mantine-color-indigo-6)" },
  { name: "Failed", color: "var(--console-bad)" },
];

/** How deliveries to all webhooks went. */
export function Deliveries({ days }: { days: number }) {
  const { data, error, refetch } = useDeliveries(days);
  const sum = (of: "attempts" | "failed") => data?.data.reduce((so, day) => so + day[of], 0) ?? 0;
  const [attempts, failed] = [sum("attempts"), sum("failed")];
  return (
    <ChartCard
      title="Deliveries"
      noun={attempts === 1 ? "attempt" : "attempts"}
      total={formatNumber(attempts)}
      about={failed === 0 ? "None failed." : `${formatNumber(failed)} failed, ${formatShare(failed / attempts)}.`}
      days={data?.data.map((day) => ({ day: day.date, values: [day.succeeded, day.failed] }))}
      series={SERIES}
      error={error}
      retry={() => void refetch()}
    />
  );
}
