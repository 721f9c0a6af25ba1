import { Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { formatExactTime, formatRelativeTime } from "../format/times";
import classes from "./RelativeTime.module.css";

const REFRESH_MILLISECONDS = 30_000;

/** A time in words, exact on hover and focus; `never` is what stands where there is none. */
export function RelativeTime({ time, never = "Never" }: { time: string | null | undefined; never?: string }) {
  const [now, setNow] = useState(() => new Date());
  const { start, stop } = useInterval(() => setNow(new Date()), REFRESH_MILLISECONDS);
  useEffect(() => {
    if (!time) return;
    start();
    return stop;
  }, [time, start, stop]);
  if (!time) return <span className={classes.never}>{never}</span>;
  return (
    <Tooltip label={formatExactTime(time)} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what hovering shows must be there without a mouse, too */}
      <time dateTime={time} className={classes.time} tabIndex={0}>
        {formatRelativeTime(time, now)}
      </time>
    </Tooltip>
  );
}
