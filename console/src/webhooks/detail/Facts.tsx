import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Webhook } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { durationWords } from "../../format/durations";
import { formatNumber } from "../../format/numbers";
import { CopyButton } from "../../ui/CopyButton";
import { RelativeTime } from "../../ui/RelativeTime";
import { scheduleWords } from "../form/schedule";
import classes from "./WebhookScreen.module.css";

/** What a webhook gets, and how it is called. */
export function Facts({ webhook }: { webhook: Webhook }) {
  const { retryScheduleSeconds } = useSettings();
  const { rateLimit, headers } = webhook;
  return (
    <Card withBorder padding="lg">
      <Title order={2} size="h5" mb="md">
        Details
      </Title>
      <dl className={classes.facts}>
        {webhook.url && (
          <Fact name="Address">
            <span className={classes.copied}>
              <span className={classes.mono}>{webhook.url}</span>
              <CopyButton value={webhook.url} what="the address" />
            </span>
          </Fact>
        )}
        {webhook.description && <Fact name="Description">{webhook.description}</Fact>}
        <Fact name="ID">
          <span className={classes.copied}>
            <span className={classes.mono}>{webhook.id}</span>
            <CopyButton value={webhook.id} what="the ID" />
          </span>
        </Fact>
        <Fact name="Events">
          {webhook.events.includes("*") ? "All, later ones too" : <Lines of={webhook.events} />}
        </Fact>
        <Fact name="Filter">
          {webhook.filter ? <pre className={classes.json}>{JSON.stringify(webhook.filter, null, 2)}</pre> : "None"}
        </Fact>
        <Fact name="Headers">
          {Object.keys(headers).length > 0 ? (
            <Lines of={Object.entries(headers).map(([name, value]) => `${name}: ${shown(value)}`)} />
          ) : (
            "Only ours"
          )}
        </Fact>
        <Fact name="Rate limit">
          {rateLimit ? `${formatNumber(rateLimit.limit)} in ${durationWords(rateLimit.windowSeconds)}` : "None"}
        </Fact>
        <Fact name="Retries">
          {webhook.retryScheduleSeconds
            ? `After ${scheduleWords(webhook.retryScheduleSeconds)}`
            : `After ${scheduleWords(retryScheduleSeconds)} (default)`}
        </Fact>
        {webhook.slowSeconds !== null && (
          <Fact name="Slow">
            Its receiver takes up to {durationWords(webhook.slowSeconds)}: it is called a few times at once at most.
          </Fact>
        )}
        <Fact name="Created">
          <RelativeTime time={webhook.createdAt} />
        </Fact>
        <Fact name="Changed">
          <RelativeTime time={webhook.updatedAt} />
        </Fact>
      </dl>
    </Card>
  );
}

function shown(value: string): string {
  return value === "[redacted]" ? "••••••" : value;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  return (
    <span className={classes.lines}>
      {of.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  );
}
