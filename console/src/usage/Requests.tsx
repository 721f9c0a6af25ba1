import { formatNumber } from "../format/numbers";
import { ChartCard } from "./ChartCard";
import { totalByDay } from "./counting";
import { MOST_KEYS, type UsageByKey } from "./data/useUsageByKey";

const SERIES = [{ name: "Accepted", color: "indigo.6" }];

/** The requests of all keys. */
export function Requests({ usage }: { usage: UsageByKey }) {
  const { keys, isPending, isTooMany, error, retry } = usage;
  const sum = keys.reduce((so, { requests }) => so + requests, 0);
  const used = keys.filter(({ requests }) => requests > 0).length;
  return (
    <ChartCard
      title="Requests"
      noun={sum === 1 ? "accepted request" : "accepted requests"}
      total={formatNumber(sum)}
      about={
        isTooMany
          ? `By ${formatNumber(used)} of the newest ${formatNumber(MOST_KEYS)} keys. Older keys aren't counted.`
          : `By ${formatNumber(used)} of ${formatNumber(keys.length)} ${keys.length === 1 ? "key" : "keys"}.`
      }
      days={isPending ? undefined : totalByDay(keys)}
      series={SERIES}
      error={error}
      retry={retry}
    />
  );
}
