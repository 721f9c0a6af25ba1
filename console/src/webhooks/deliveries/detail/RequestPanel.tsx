import { Text, Title } from "@mantine/core";
import type { Attempt, Webhook } from "../../../api/schema";
import { CopyButton } from "../../../ui/CopyButton";
import { Body } from "./Body";
import { curlCommand, leftOut } from "./curlCommand";
import classes from "./Delivery.module.css";
import { Headers } from "./Headers";
import { visibleText } from "./visibleText";

/** What was sent. Neither the URL nor the body belongs to the attempt: the one is the webhook's, the other the event's. */
export function RequestPanel({ attempt, body, webhook }: { attempt: Attempt; body: string | null; webhook: Webhook }) {
  const { headers } = attempt.request;
  const wasChangedSince = Date.parse(webhook.updatedAt) > Date.parse(attempt.createdAt);
  const { url } = webhook;
  return (
    <section className={classes.side} aria-labelledby="request">
      <div className={classes.sideHead}>
        <Title order={3} size="h5" id="request">
          Request
        </Title>
        {url !== null && body !== null && (
          <CopyButton value={curlCommand({ url, headers, body })} what="as curl" label="Copy as curl" />
        )}
      </div>
      <p className={classes.line}>POST {url === null ? "(no address now)" : visibleText(url)}</p>
      {wasChangedSince && (
        <Text size="xs" c="dimmed">
          The webhook was changed since: the address may have been another.
        </Text>
      )}
      <Headers headers={headers} />
      {leftOut(headers).length > 0 && (
        <Text size="xs" c="dimmed">
          Values marked •••••• aren't kept, and the curl command goes without them: a receiver that verifies signatures
          refuses it.
        </Text>
      )}
      {body === null ? (
        <Text size="sm" c="dimmed">
          The event isn't kept any more, and its body with it.
        </Text>
      ) : (
        <Body text={body} what="request body" />
      )}
    </section>
  );
}
