import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { AuditEvent } from "../api/schema";
import { formatExactTime } from "../format/times";
import { CopyButton } from "../ui/CopyButton";
import classes from "./Audit.module.css";
import { detailsOf } from "./details";
import type { Filters } from "./filters";
import { REFUSED, wordsOf } from "./words";

/** All that is known of an event, as text, and the ways to more of the same. */
export function Details(props: { event: AuditEvent; who: string; set: (changes: Partial<Filters>) => void }) {
  const { event, who, set } = props;
  const { actor } = event;
  const noun = wordsOf(event.action)?.thing.noun ?? "thing";
  return (
    <div className={classes.details}>
      <dl className={classes.facts}>
        <Fact name="When">{formatExactTime(event.occurredAt)}</Fact>
        <Fact name="Action">{event.action}</Fact>
        <Fact name="Who">
          {who}
          {actor.kind !== "system" && <Id id={actor.id} what="the ID of who did it" />}
        </Fact>
        {event.action !== REFUSED && (
          <Fact name="Done to">
            <Id id={event.targetId} what={`the ${noun}'s ID`} />
          </Fact>
        )}
        {event.sourceIp && <Fact name="From">{event.sourceIp}</Fact>}
        {event.requestId && (
          <Fact name="Request">
            <Id id={event.requestId} what="the request's ID" />
          </Fact>
        )}
        {detailsOf(event.details).map(({ name, value }) => (
          <Fact key={name + value} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
      <div className={classes.more}>
        <Button variant="default" size="xs" onClick={() => set({ actor: actor.id })}>
          All by {who === "You" ? "you" : who}
        </Button>
        {event.action !== REFUSED && (
          <Button variant="default" size="xs" onClick={() => set({ target: event.targetId })}>
            All about this {noun}
          </Button>
        )}
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Id({ id, what }: { id: string; what: string }) {
  return (
    <span className={classes.id}>
      <span className={classes.mono}>{id}</span>
      <CopyButton value={id} what={what} />
    </span>
  );
}
