import { Skeleton, VisuallyHidden } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState } from "react";
import { Link } from "wouter";
import type { ApiKey } from "../../api/schema";
import { formatCompact } from "../../format/numbers";
import { RelativeTime } from "../../ui/RelativeTime";
import { StatusBadge } from "../../ui/StatusBadge";
import { useAccountHref } from "../../url/AccountLink";
import { KeyMenu } from "../changes/KeyMenu";
import classes from "./KeyCards.module.css";
import { accessWords, expiresSoon, statusTone, statusWord } from "./words";

const CARD_HEIGHT = 112; // KeyCards.module.css has it, too
const OVERSCAN = 4;

/** The list where a table has no room: a key is three lines. */
export function KeyCards(props: {
  keys: readonly ApiKey[];
  profileName: (id: string) => string | undefined;
  ownerOf: (key: ApiKey) => string | undefined;
}) {
  const { keys, profileName, ownerOf } = props;
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stands above may change with the keys
  useLayoutEffect(() => {
    setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [keys]);
  const cards = useWindowVirtualizer({
    count: keys.length,
    estimateSize: () => CARD_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin: top,
    useFlushSync: false,
  });
  const shown = cards.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = cards.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <ul ref={list} className={classes.cards} aria-label="API keys" style={{ paddingTop: above, paddingBottom: below }}>
      {shown.map(({ index }) => {
        const key = keys[index];
        if (!key) return null;
        const profile = key.profileId ? profileName(key.profileId) : undefined;
        return (
          <KeyCard
            key={key.id}
            apiKey={key}
            access={accessWords(key, profile)}
            owner={ownerOf(key)}
            number={index + 1}
            of={keys.length}
          />
        );
      })}
    </ul>
  );
}

const KeyCard = memo(function KeyCard(props: {
  apiKey: ApiKey;
  access: string;
  owner: string | undefined;
  number: number;
  of: number;
}) {
  const { apiKey: key, access, owner, number, of } = props;
  const hrefOf = useAccountHref();
  const isOver = key.status === "revoked" || key.status === "expired";
  return (
    <li className={classes.card} data-over={isOver || undefined} aria-posinset={number} aria-setsize={of}>
      <Link href={hrefOf(`/api-keys/${key.id}`)} className={classes.name ?? ""}>
        {key.name}
      </Link>
      <KeyMenu apiKey={key} />
      <span className={classes.prefix}>
        {key.prefix ? `${key.prefix}… · ` : ""}
        {access}
        {owner && <span className={classes.owner}> · {owner}</span>}
      </span>
      <span className={classes.facts}>
        <StatusBadge tone={statusTone(key.status)}>{statusWord(key.status)}</StatusBadge>
        <span>{formatCompact(key.requestCount)} this month</span>
        {expiresSoon(key, new Date()) ? (
          <span>
            Expires <RelativeTime time={key.expiresAt} />
          </span>
        ) : (
          <RelativeTime time={key.lastUsedAt} never="Never used" />
        )}
      </span>
    </li>
  );
});

export function SkeletonCards() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      {[1, 2, 3, 4, 5].map((number) => (
        <div key={number} className={classes.card} aria-hidden>
          <Skeleton height={14} width="60%" />
          <span />
          <Skeleton height={12} width="80%" my={6} />
          <span />
          <Skeleton height={14} width="90%" />
        </div>
      ))}
    </div>
  );
}
