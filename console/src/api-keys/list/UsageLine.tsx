import { formatNumber } from "../../format/numbers";
import { Sparkline } from "../../ui/Sparkline";
import { LINE_DAYS, useUsageLine } from "../data/UsageLoader";
import classes from "./UsageLine.module.css";

/** A key's last days as a small line; nothing where they can't be had: the number beside it stands alone. */
export function UsageLine({ id }: { id: string }) {
  const { data, isPending } = useUsageLine(id);
  if (isPending) return <span className={classes.line} />;
  if (!data) return null;
  const label = `Last ${LINE_DAYS} days: ${formatNumber(data.requests)} ${data.requests === 1 ? "request" : "requests"}`;
  return (
    <span title={label}>
      <Sparkline values={data.data.map(({ requests }) => requests)} label={label} />
    </span>
  );
}
