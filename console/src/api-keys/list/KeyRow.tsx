import { type MouseEvent, memo } from "react";
import { Link, useLocation } from "wouter";
import type { ApiKey } from "../../api/schema";
import { formatCompact } from "../../format/numbers";
import { RelativeTime } from "../../ui/RelativeTime";
import { StatusBadge } from "../../ui/StatusBadge";
import { useAccountHref } from "../../url/AccountLink";
import { KeyMenu } from "../changes/KeyMenu";
import { Expiry } from "./Expiry";
import classes from "./KeysTable.module.css";
import { UsageLine } from "./UsageLine";
import { accessWords, statusTone, statusWord } from "./words";

interface Props {
  apiKey: ApiKey;
  /** Its row among all of the table's, those too that aren't rendered. */
  number: number;
  profileName: string | undefined;
  /** The owner's name; undefined if the creator is the owner. */
  owner: string | undefined;
}

/** A click anywhere leads to the key; its name is the link. */
export const KeyRow = memo(function KeyRow({ apiKey: key, number, profileName, owner }: Props) {
  const hrefOf = useAccountHref();
  const [, navigate] = useLocation();
  const href = hrefOf(`/api-keys/${key.id}`);
  const access = accessWords(key, profileName);
  const open = (event: MouseEvent) => {
    const isAlready = (event.target as Element).closest("a, button, time, [role=menu]") !== null;
    if (!isAlready && !window.getSelection()?.toString()) navigate(href);
  };
  const isOver = key.status === "revoked" || key.status === "expired";
  return (
    <tr className={classes.row} aria-rowindex={number} data-over={isOver || undefined} onClick={open}>
      <td>
        <Link href={href} className={classes.name ?? ""} title={key.name}>
          {key.name}
        </Link>
        <span className={classes.prefix}>
          {key.prefix ? `${key.prefix}…` : "Imported"}
          {owner && <span className={classes.owner}> · {owner}</span>}
        </span>
      </td>
      <td className={classes.access} title={access}>
        {access}
      </td>
      <td>
        <StatusBadge tone={statusTone(key.status)}>{statusWord(key.status)}</StatusBadge>
      </td>
      <td>
        <RelativeTime time={key.lastUsedAt} />
      </td>
      <td>
        <div className={classes.requests}>
          <span>{formatCompact(key.requestCount)}</span>
          <UsageLine id={key.id} />
        </div>
      </td>
      <td>
        <Expiry apiKey={key} />
      </td>
      <td>
        <KeyMenu apiKey={key} />
      </td>
    </tr>
  );
});
