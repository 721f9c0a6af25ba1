import { SegmentedControl } from "@mantine/core";
import classes from "./History.module.css";
import type { History } from "./useHistory";

/** What of the history is shown, and whether it is live. */
export function HistoryToolbar({ history }: { history: History }) {
  return (
    <div className={classes.toolbar}>
      <SegmentedControl
        aria-label="Which attempts"
        data={[
          { value: "all", label: "All" },
          { value: "failed", label: "Failed" },
        ]}
        value={history.failedOnly ? "failed" : "all"}
        onChange={(value) => history.setFailedOnly(value === "failed")}
      />
      <span className={classes.live} data-live={history.isLive || undefined}>
        {history.isLive ? "Live" : history.list.error ? "Not live" : "Not live: this is an older page"}
      </span>
    </div>
  );
}
