import { Button } from "@mantine/core";
import type { OAuthGrant } from "../api/schema";
import { useScopes } from "../api-keys/data/useScopes";
import { formatDay } from "../format/times";
import { RelativeTime } from "../ui/RelativeTime";
import classes from "./Apps.module.css";

/** A connection of a user with an app. `name` is what the list is about: the app, or the user. */
export function GrantRow({ grant, name, onEnd }: { grant: OAuthGrant; name: string; onEnd?: () => void }) {
  const { scopes, createdAt, lastUsedAt, expiresAt } = grant;
  const { scopes: catalogue } = useScopes();
  const wordsOf = new Map(catalogue.map((each) => [each.name, each.description]));
  return (
    <li className={classes.row}>
      <div className={classes.name}>{name}</div>
      <div>{scopes.map((scope) => wordsOf.get(scope) ?? scope).join(" · ")}</div>
      <div className={classes.dimmed}>
        Connected <RelativeTime time={createdAt} />
        <br />
        {lastUsedAt ? (
          <>
            Last used <RelativeTime time={lastUsedAt} />
          </>
        ) : (
          "Not used yet"
        )}
        {expiresAt && `, ends ${formatDay(expiresAt)}`}
      </div>
      {onEnd && (
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onEnd} aria-label={`Disconnect ${name}`}>
            Disconnect
          </Button>
        </div>
      )}
    </li>
  );
}
