import { Button } from "@mantine/core";
import type { AuditEvent } from "../api/schema";
import { formatExactTime } from "../format/times";
import { Copied } from "../ui/Copied";
import { Fact, Facts } from "../ui/Facts";
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
      <Facts wide>
        <Fact name="When">{formatExactTime(event.occurredAt)}</Fact>
        <Fact name="Action">{event.action}</Fact>
        <Fact name="Who">
          {who}
          {actor.kind !== "system" && <Copied text={actor.id} what="the ID of who did it" />}
        </Fact>
        {event.action !== REFUSED && (
          <Fact name="Done to">
            <Copied text={event.targetId} what={`the ${noun}'s ID`} />
          </Fact>
        )}
        {event.sourceIp && <Fact name="From">{event.sourceIp}</Fact>}
        {event.requestId && (
          <Fact name="Request">
            <Copied text={event.requestId} what="the request's ID" />
          </Fact>
        )}
        {detailsOf(event.details).map(({ name, value }) => (
          <Fact key={name + value} name={name}>
            {value}
          </Fact>
        ))}
      </Facts>
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
