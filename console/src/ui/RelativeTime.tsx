import { Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useId, useRef, useState } from "react";
import { formatExactTime, formatRelativeTime } from "../format/times";
import classes from "./RelativeTime.module.css";

const REFRESH_MILLISECONDS = 30_000;

/** A time in words, exact on hover and focus; `never` is what stands where there is none. */
export function RelativeTime({ time, never = "Never" }: { time: string | null | undefined; never?: string }) {
  if (!time) return <span className={classes.never}>{never}</span>;
  return <Words time={time} />;
}

/** The tooltip is there only while it is asked for: a long list has a thousand times. */
function Words({ time }: { time: string }) {
  const [now, setNow] = useState(() => new Date());
  const [isExact, setExact] = useState(false);
  const element = useRef<HTMLTimeElement>(null);
  const id = useId();
  const { start, stop } = useInterval(() => setNow(new Date()), REFRESH_MILLISECONDS);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  const show = () => setExact(true);
  const hide = () => setExact(false);
  return (
    <>
      <time
        ref={element}
        dateTime={time}
        className={classes.time}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what hovering shows must be there without a mouse, too
        tabIndex={0}
        aria-describedby={isExact ? id : undefined}
        onPointerEnter={show}
        onPointerLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={(event) => {
          if (event.key === "Escape") hide();
        }}
      >
        {formatRelativeTime(time, now)}
      </time>
      {isExact && <Tooltip target={element} opened label={formatExactTime(time)} id={id} />}
    </>
  );
}
