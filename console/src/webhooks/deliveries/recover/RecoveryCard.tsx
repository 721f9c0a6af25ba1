import { Progress, Text } from "@mantine/core";
import type { Recovery } from "../../../api/schema";
import { Allowed } from "../../../session/Allowed";
import { BusyButton } from "../../../ui/BusyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { RelativeTime } from "../../../ui/RelativeTime";
import { StatusBadge } from "../../../ui/StatusBadge";
import { useCancelRecovery } from "../data/useRecoveries";
import { momentWords } from "../words";
import classes from "./Recoveries.module.css";
import { countWords, doingWords, onlyWords, progressOf, recoveryTone, recoveryWord } from "./words";

/** One recovery: what it is for, and what has come of it. */
export function RecoveryCard({ recovery }: { recovery: Recovery }) {
  return (
    <li className={classes.recovery}>
      <div className={classes.head}>
        <span className={classes.what}>
          {onlyWords(recovery.only)} since {momentWords(recovery.since)}
        </span>
        <StatusBadge tone={recoveryTone(recovery.status)}>{recoveryWord(recovery.status)}</StatusBadge>
      </div>
      {recovery.status === "running" && <Running recovery={recovery} />}
      <div className={classes.counts}>
        <span role={recovery.status === "running" ? "status" : undefined}>{countWords(recovery)}</span>
        <span className={classes.dimmed}>
          {recovery.endedAt ? "Ended " : "Started "}
          <RelativeTime key={recovery.status} time={recovery.endedAt ?? recovery.createdAt} />
        </span>
      </div>
    </li>
  );
}

function Running({ recovery }: { recovery: Recovery }) {
  const cancel = useCancelRecovery(recovery.webhookId, recovery.id);
  return (
    <>
      <div className={classes.running}>
        <div>
          <Text size="sm">{doingWords(recovery)}</Text>
          <Text size="sm" c="dimmed">
            {recovery.reachedAt ? `It has come to the events of ${momentWords(recovery.reachedAt)}.` : "It has begun."}
          </Text>
        </div>
        <Allowed to="webhooks:write">
          <BusyButton size="xs" onClick={() => cancel.mutate()} isBusy={cancel.isPending}>
            Stop
          </BusyButton>
        </Allowed>
      </div>
      <Progress value={progressOf(recovery) * 100} aria-label="How far the recovery is, by the time of the events" />
      {cancel.error && <ErrorNotice error={cancel.error} title="The recovery wasn't stopped" />}
    </>
  );
}
