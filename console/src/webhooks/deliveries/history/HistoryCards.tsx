import { Skeleton, VisuallyHidden } from "@mantine/core";
import { memo } from "react";
import { Link } from "wouter";
import { RelativeTime } from "../../../ui/RelativeTime";
import { StatusBadge } from "../../../ui/StatusBadge";
import { useAccountHref } from "../../../url/AccountLink";
import { paths } from "../paths";
import { answerWord, attemptTone, attemptWord, durationWords, triggerWords } from "../words";
import type { Row } from "./grouping";
import classes from "./History.module.css";

/** The history where a table has no room: an attempt is two lines, and its delivery one above them. */
export function HistoryCards({ rows }: { rows: readonly Row[] }) {
  return (
    <ul className={classes.cards} aria-label="Deliveries">
      {rows.map((row) => (
        <AttemptCard key={row.attempt.id} {...row} />
      ))}
    </ul>
  );
}

const AttemptCard = memo(function AttemptCard({ attempt, isFirst }: Row) {
  const hrefOf = useAccountHref();
  const href = hrefOf(paths.delivery(attempt.webhookId, attempt.deliveryId), { attempt: String(attempt.attempt) });
  return (
    <li className={classes.card} data-first={isFirst || undefined}>
      <Link
        href={href}
        className={(isFirst ? classes.event : classes.earlier) ?? ""}
        {...(isFirst ? {} : { "aria-label": `Earlier attempt ${attempt.attempt} of ${attempt.eventType}` })}
      >
        {isFirst ? attempt.eventType : "Earlier attempt"}
      </Link>
      {isFirst && <span className={classes.about}>{attempt.externalId ?? attempt.eventId}</span>}
      <span className={classes.facts}>
        <StatusBadge tone={attemptTone(attempt.status)}>{attemptWord(attempt.status)}</StatusBadge>
        <RelativeTime time={attempt.createdAt} />
      </span>
      <span className={classes.trigger}>
        Attempt {attempt.attempt} · {triggerWords(attempt.trigger)} · {answerWord(attempt)} · {durationWords(attempt)}
      </span>
    </li>
  );
});

export function SkeletonCards() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      {[1, 2, 3, 4, 5].map((number) => (
        <div key={number} className={classes.card} data-first aria-hidden>
          <Skeleton height={14} width="60%" my={5} />
          <Skeleton height={12} width="80%" my={4} />
          <Skeleton height={14} width="50%" my={5} />
          <Skeleton height={12} width="90%" my={4} />
        </div>
      ))}
    </div>
  );
}
