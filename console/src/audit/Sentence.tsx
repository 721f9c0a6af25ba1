import type { AuditEvent } from "../api/schema";
import { AccountLink } from "../url/AccountLink";
import classes from "./Audit.module.css";
import { REFUSED, shortId, wordsOf } from "./words";

/** "You rotated the API key Production", with a link to what exists still. */
export function Sentence(props: {
  event: AuditEvent;
  who: string;
  target: { name: string; path: string; parameters?: Record<string, string> } | null;
}) {
  const { event, who, target } = props;
  const actor = <b className={classes.strong}>{who}</b>;
  if (event.action === REFUSED) {
    return (
      <>
        {actor} tried <span className={classes.route}>{String(event.details.route ?? "something")}</span>
      </>
    );
  }
  const words = wordsOf(event.action);
  if (!words) {
    return (
      <>
        {actor}: {event.action} {shortId(event.targetId)}
      </>
    );
  }
  const { did, happened, thing } = words;
  const isOnlyOne = thing.name === "leaked_key_policy";
  const name = target ? (
    <AccountLink
      to={target.path}
      {...(target.parameters ? { parameters: target.parameters } : {})}
      className={classes.link}
    >
      {target.name}
    </AccountLink>
  ) : (
    <span className={classes.route}>{shortId(event.targetId)}</span>
  );
  return (
    <>
      {did ? (
        <>
          {actor} {did} the{" "}
        </>
      ) : (
        <>The </>
      )}
      {thing.noun} {!isOnlyOne && name} {happened}
    </>
  );
}
