import { Skeleton, VisuallyHidden } from "@mantine/core";
import { Link } from "wouter";
import type { Webhook } from "../../api/schema";
import { useAccountHref } from "../../url/AccountLink";
import { WebhookMenu } from "../changes/WebhookMenu";
import { eventsWords, nameOf } from "../words";
import { Health } from "./Health";
import { State } from "./State";
import classes from "./WebhookCards.module.css";

/** The list where a table has no room. */
export function WebhookCards({ webhooks }: { webhooks: readonly Webhook[] }) {
  const hrefOf = useAccountHref();
  return (
    <ul className={classes.cards} aria-label="Webhooks">
      {webhooks.map((webhook) => (
        <li key={webhook.id} className={classes.card}>
          <Link href={hrefOf(`/webhooks/${webhook.id}`)} className={classes.name ?? ""}>
            {nameOf(webhook)}
          </Link>
          <WebhookMenu webhook={webhook} />
          <span className={classes.about}>{webhook.description ?? eventsWords(webhook.events)}</span>
          <div className={classes.facts}>
            <State webhook={webhook} />
            <Health id={webhook.id} />
          </div>
        </li>
      ))}
    </ul>
  );
}

export function SkeletonCards() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      {[1, 2, 3, 4].map((number) => (
        <div key={number} className={classes.card} aria-hidden>
          <Skeleton height={14} width="70%" my={5} />
          <span />
          <Skeleton height={12} width="50%" className={classes.about ?? ""} />
          <Skeleton height={24} width="90%" mt={12} className={classes.facts ?? ""} />
        </div>
      ))}
    </div>
  );
}
