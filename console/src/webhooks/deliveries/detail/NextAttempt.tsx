import { Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { Delivery, Webhook } from "../../../api/schema";
import { formatExactTime } from "../../../format/times";
import classes from "./Delivery.module.css";
import { nextOf } from "./nextWords";

const REFRESH_MILLISECONDS = 1000;

/** What comes next, in words, as time goes on. */
export function NextAttempt(props: { delivery: Delivery; webhook: Webhook; awaited: number | null }) {
  const [now, setNow] = useState(() => new Date());
  const { start, stop } = useInterval(() => setNow(new Date()), REFRESH_MILLISECONDS);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  const next = nextOf(props.delivery, props.webhook, props.awaited, now);
  if (!next) return null;
  return (
    <p className={classes.next} role="status" data-planned={next.at !== null || undefined}>
      {next.at ? (
        <Tooltip label={formatExactTime(next.at)} events={{ hover: true, focus: true, touch: true }}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what hovering shows must be there without a mouse, too */}
          <time dateTime={next.at} tabIndex={0}>
            {next.words}
          </time>
        </Tooltip>
      ) : (
        next.words
      )}
    </p>
  );
}
