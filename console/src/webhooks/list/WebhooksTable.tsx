import { Table, VisuallyHidden } from "@mantine/core";
import type { MouseEvent } from "react";
import { Link, useLocation } from "wouter";
import type { Webhook } from "../../api/schema";
import { useAccountHref } from "../../url/AccountLink";
import { WebhookMenu } from "../changes/WebhookMenu";
import { eventsWords, nameOf } from "../words";
import { Health } from "./Health";
import { State } from "./State";
import classes from "./WebhooksTable.module.css";

export const COLUMNS: readonly string[] = ["Webhook", "Events", "Status", "Last 24 hours", ""];

export function WebhooksTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <Table layout="fixed" className={classes.table ?? ""} aria-label="Webhooks">
      <Table.Thead>
        <Table.Tr>
          {COLUMNS.slice(0, -1).map((title) => (
            <Table.Th key={title}>{title}</Table.Th>
          ))}
          <Table.Th>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {webhooks.map((webhook) => (
          <Row key={webhook.id} webhook={webhook} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A click anywhere leads to the webhook; its address is the link. */
function Row({ webhook }: { webhook: Webhook }) {
  const hrefOf = useAccountHref();
  const [, navigate] = useLocation();
  const href = hrefOf(`/webhooks/${webhook.id}`);
  const events = eventsWords(webhook.events);
  const open = (event: MouseEvent) => {
    const isAlready = (event.target as Element).closest("a, button, time, [role=menu]") !== null;
    if (!isAlready && !window.getSelection()?.toString()) navigate(href);
  };
  return (
    <Table.Tr className={classes.row ?? ""} onClick={open}>
      <Table.Td>
        <Link href={href} className={classes.name ?? ""} title={nameOf(webhook)}>
          {nameOf(webhook)}
        </Link>
        {webhook.description && (
          <span className={classes.description} title={webhook.description}>
            {webhook.description}
          </span>
        )}
      </Table.Td>
      <Table.Td className={classes.events ?? ""} title={events}>
        {events}
        {webhook.filter && <span className={classes.description}>filtered</span>}
      </Table.Td>
      <Table.Td>
        <State webhook={webhook} />
      </Table.Td>
      <Table.Td>
        <Health id={webhook.id} />
      </Table.Td>
      <Table.Td>
        <WebhookMenu webhook={webhook} />
      </Table.Td>
    </Table.Tr>
  );
}
