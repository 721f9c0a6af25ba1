import type { Webhook } from "../../api/schema";
import { RelativeTime } from "../../ui/RelativeTime";
import { StatusBadge } from "../../ui/StatusBadge";
import { stateOf, stateTone, stateWord } from "../words";
import classes from "./State.module.css";

/** What a webhook does, and since when it fails. */
export function State({ webhook }: { webhook: Webhook }) {
  const state = stateOf(webhook);
  return (
    <span className={classes.state}>
      <StatusBadge tone={stateTone(state)}>{stateWord(state)}</StatusBadge>
      {webhook.failingSince && (
        <span className={classes.since}>
          {state === "failing" ? "since " : "failing since "}
          <RelativeTime time={webhook.failingSince} />
        </span>
      )}
    </span>
  );
}
