import { Skeleton, Table, VisuallyHidden } from "@mantine/core";
import { type MouseEvent, memo } from "react";
import { Link, useLocation } from "wouter";
import { RelativeTime } from "../../../ui/RelativeTime";
import { StatusBadge } from "../../../ui/StatusBadge";
import { useAccountHref } from "../../../url/AccountLink";
import { paths } from "../paths";
import { answerWord, attemptTone, attemptWord, durationWords, triggerWords } from "../words";
import type { Row } from "./grouping";
import classes from "./History.module.css";

const COLUMNS: readonly string[] = ["Event", "Status", "Attempt", "Answer", "Took", "When"];

/** Each attempt is a row; those of one delivery stand together, and only the first names the event. */
export function HistoryTable({ rows }: { rows: readonly Row[] }) {
  return (
    <Table layout="fixed" className={classes.table ?? ""} aria-label="Deliveries">
      <Heads />
      <Table.Tbody>
        {rows.map((row) => (
          <AttemptRow key={row.attempt.id} {...row} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Heads() {
  return (
    <Table.Thead>
      <Table.Tr>
        {COLUMNS.map((title) => (
          <Table.Th key={title}>{title}</Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

/** The table's shape while its first page is on its way. */
export function SkeletonRows() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Table layout="fixed" className={classes.table ?? ""} aria-hidden>
        <Heads />
        <Table.Tbody>
          {[1, 2, 3, 4, 5, 6, 7, 8].map((row) => (
            <Table.Tr key={row} className={classes.row ?? ""} data-first data-last>
              {COLUMNS.map((title) => (
                <Table.Td key={title}>
                  <Skeleton height={12} width={title === "Event" ? "40%" : "70%"} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** A click anywhere leads to the attempt; its event is the link. */
const AttemptRow = memo(function AttemptRow({ attempt, isFirst, isLast }: Row) {
  const hrefOf = useAccountHref();
  const [, navigate] = useLocation();
  const href = hrefOf(paths.delivery(attempt.webhookId, attempt.deliveryId), { attempt: String(attempt.attempt) });
  const open = (event: MouseEvent) => {
    const isAlready = (event.target as Element).closest("a, button, time") !== null;
    if (!isAlready && !window.getSelection()?.toString()) navigate(href);
  };
  return (
    <Table.Tr
      className={classes.row ?? ""}
      onClick={open}
      data-first={isFirst || undefined}
      data-last={isLast || undefined}
    >
      <Table.Td>
        <EventCell attempt={attempt} isFirst={isFirst} href={href} />
      </Table.Td>
      <Table.Td>
        <StatusBadge tone={attemptTone(attempt.status)}>{attemptWord(attempt.status)}</StatusBadge>
      </Table.Td>
      <Table.Td>
        {attempt.attempt} <span className={classes.trigger}>· {triggerWords(attempt.trigger)}</span>
      </Table.Td>
      <Table.Td>{answerWord(attempt)}</Table.Td>
      <Table.Td>{durationWords(attempt)}</Table.Td>
      <Table.Td>
        <RelativeTime time={attempt.createdAt} />
      </Table.Td>
    </Table.Tr>
  );
});

function EventCell({ attempt, isFirst, href }: { attempt: Row["attempt"]; isFirst: boolean; href: string }) {
  if (!isFirst) {
    return (
      <Link
        href={href}
        className={classes.earlier ?? ""}
        aria-label={`Earlier attempt ${attempt.attempt} of ${attempt.eventType}`}
      >
        Earlier attempt
      </Link>
    );
  }
  return (
    <>
      <Link href={href} className={classes.event ?? ""} title={attempt.eventType}>
        {attempt.eventType}
      </Link>
      <span className={classes.about} title={attempt.externalId ?? attempt.eventId}>
        {attempt.externalId ?? attempt.eventId}
      </span>
    </>
  );
}
