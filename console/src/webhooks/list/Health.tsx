import { Skeleton } from "@mantine/core";
import { formatCompact, formatNumber, formatShare } from "../../format/numbers";
import { totalOf, useHealth } from "../data/useHealth";
import classes from "./Health.module.css";
import { HealthStrip } from "./HealthStrip";

/** A webhook's last 24 hours: a strip, the share that succeeded, and of how many. */
export function Health({ id }: { id: string }) {
  const { data, isPending } = useHealth();
  if (isPending) return <Skeleton width={200} height={24} />;
  const hours = data?.get(id)?.last24Hours;
  if (!hours) return <span className={classes.none}>—</span>;
  const { attempts, failed, successRate } = totalOf(hours);
  const label =
    attempts === 0
      ? "Nothing was sent in the last 24 hours"
      : `Last 24 hours: ${formatNumber(attempts)} ${attempts === 1 ? "attempt" : "attempts"}, ${formatNumber(failed)} failed`;
  return (
    <div className={classes.health} title={label}>
      <HealthStrip hours={hours} label={label} />
      {successRate === null ? (
        <span className={classes.none}>Nothing sent</span>
      ) : (
        <span className={classes.words}>
          <span>{formatShare(successRate)}</span>
          <span className={classes.none}>of {formatCompact(attempts)}</span>
        </span>
      )}
    </div>
  );
}
