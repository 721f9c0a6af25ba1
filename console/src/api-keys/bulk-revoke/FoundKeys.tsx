import type { ReactNode } from "react";
import { AccountLink } from "../../url/AccountLink";
import classes from "./BulkRevoke.module.css";
import type { FoundKey } from "./revoking";

/** Keys in a box that scrolls, with a word on each where there is one to say. */
export function FoundKeys({ keys, word }: { keys: readonly FoundKey[]; word?: (key: FoundKey) => ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys, too
    <ul className={classes.keys} tabIndex={0} aria-label="Keys">
      {keys.map((key) => (
        <li key={key.id} className={classes.key}>
          <span className={classes.names}>
            <AccountLink to={`/api-keys/${key.id}`} className={classes.name}>
              {key.name}
            </AccountLink>
            <span className={classes.prefix}>{key.prefix ? `${key.prefix}…` : "Imported"}</span>
          </span>
          {word && <span className={classes.word}>{word(key)}</span>}
        </li>
      ))}
    </ul>
  );
}
