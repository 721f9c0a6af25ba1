import { ActionIcon } from "@mantine/core";
import type { MouseEvent } from "react";
import IconChevronDown from "~icons/tabler/chevron-down";
import IconChevronRight from "~icons/tabler/chevron-right";
import type { AuditEvent } from "../api/schema";
import { useUserId } from "../session/useMe";
import { RelativeTime } from "../ui/RelativeTime";
import { StatusBadge } from "../ui/StatusBadge";
import classes from "./Audit.module.css";
import { Details } from "./Details";
import { detailsOf } from "./details";
import type { Filters } from "./filters";
import { Sentence } from "./Sentence";
import type { Names } from "./useNames";
import { actorWords, codeWords, REFUSED } from "./words";

/** One event: who did what, and when; opened, all that is known of it. */
export function AuditEntry(props: {
  event: AuditEvent;
  names: Names;
  opened: boolean;
  onToggle: () => void;
  set: (changes: Partial<Filters>) => void;
}) {
  const { event, names, opened, onToggle, set } = props;
  const userId = useUserId();
  const who = actorWords(event.actor, userId, names.ofKey(event.actor.id));
  const Icon = opened ? IconChevronDown : IconChevronRight;
  const toggle = (click: MouseEvent) => {
    const isAlready = (click.target as Element).closest("a, button, time") !== null;
    if (!isAlready && !window.getSelection()?.toString()) onToggle();
  };
  return (
    <li className={classes.event}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger place for the button's own click */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button is for keys */}
      <div className={classes.row} data-clickable onClick={toggle}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Details of ${event.action}`}
          aria-expanded={opened}
          onClick={onToggle}
        >
          <Icon size={16} />
        </ActionIcon>
        <div className={classes.words}>
          <div className={classes.sentence}>
            <Sentence event={event} who={who} target={names.ofTarget(event)} />
          </div>
          <Remark event={event} />
        </div>
        <div className={classes.time}>
          <RelativeTime time={event.occurredAt} />
        </div>
      </div>
      {opened && <Details event={event} who={who} set={set} />}
    </li>
  );
}

/** The one thing beside it that matters at first sight. */
function Remark({ event }: { event: AuditEvent }) {
  if (event.action === REFUSED) {
    return (
      <div className={classes.remark}>
        <StatusBadge tone="bad">{`Refused: ${codeWords(event.details.code)}`}</StatusBadge>
      </div>
    );
  }
  const [first] = detailsOf(event.details);
  if (!first) return null;
  return <div className={classes.remark}>{`${first.name}: ${first.value}`}</div>;
}
