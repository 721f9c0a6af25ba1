import { Button, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useRef } from "react";
import type { Webhook } from "../../../api/schema";
import { formatNumber } from "../../../format/numbers";
import { formatExactTime } from "../../../format/times";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Pager } from "../../../ui/Pager";
import { NoAttempts, NoFailures } from "./Empty";
import { rowsOf } from "./grouping";
import classes from "./History.module.css";
import { HistoryCards, SkeletonCards } from "./HistoryCards";
import { HistoryTable, SkeletonRows } from "./HistoryTable";
import { HistoryToolbar } from "./HistoryToolbar";
import { type Stretch, stretchWords } from "./stretches";
import { useCalmStretch } from "./useCalmStretch";
import { useHistory } from "./useHistory";

/** A webhook's attempts, newest event first, live on the newest page. */
export function DeliveryHistory({ webhook }: { webhook: Webhook }) {
  const history = useHistory(webhook.id);
  const { list, failedOnly } = history;
  const top = useRef<HTMLDivElement>(null);
  const isWide = useMediaQuery("(min-width: 62em)", undefined, { getInitialValueInEffect: false });
  const stretch = list.isStale ? undefined : list.items[0];
  const { calm, waiting, showAll } = useCalmStretch(stretch, history.page, () => isInSight(top));
  const shown = calm ?? list.items[0];
  const show = () => {
    showAll();
    top.current?.scrollIntoView({ block: "start" });
  };
  return (
    <div ref={top} className={classes.history}>
      <HistoryToolbar history={history} />
      {waiting > 0 && (
        <div className={classes.waiting}>
          <Button size="xs" radius="xl" onClick={show}>
            Show {formatNumber(waiting)} new
          </Button>
        </div>
      )}
      {list.error != null && (
        <ErrorNotice error={list.error} title="The deliveries couldn't be loaded" retry={list.retry} />
      )}
      {list.isPending && !list.error && (isWide ? <SkeletonRows /> : <SkeletonCards />)}
      {shown && <Shown stretch={shown} isWide={isWide} failedOnly={failedOnly} webhook={webhook} />}
      {shown && failedOnly && <Looked stretch={shown} more={list.toNext !== undefined} />}
      <Pager list={list} />
    </div>
  );
}

function Shown(props: { stretch: Stretch; isWide: boolean; failedOnly: boolean; webhook: Webhook }) {
  const { stretch, isWide, failedOnly, webhook } = props;
  if (stretch.attempts.length === 0) return failedOnly ? <NoFailures /> : <NoAttempts webhook={webhook} />;
  const rows = rowsOf(stretch.attempts);
  return isWide ? <HistoryTable rows={rows} /> : <HistoryCards rows={rows} />;
}

/** The API can't choose what failed: how much was looked at is said, so that nobody takes a part for all. */
function Looked({ stretch, more }: { stretch: Stretch; more: boolean }) {
  if (stretch.examined === 0) return null;
  return (
    <Text size="sm" c="dimmed" mt="md" role="status">
      {stretchWords(stretch, more, formatExactTime)}
    </Text>
  );
}

const SLACK_PIXELS = 80;

/** Whether the top of the list is on the screen, or hardly above it. */
function isInSight({ current }: { current: HTMLElement | null }): boolean {
  return current === null || current.getBoundingClientRect().top > -SLACK_PIXELS;
}
