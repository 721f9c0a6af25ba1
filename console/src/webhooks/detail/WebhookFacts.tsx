import { Card, Title } from "@mantine/core";
import type { Webhook } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { durationWords } from "../../format/durations";
import { formatNumber } from "../../format/numbers";
import { Copied } from "../../ui/Copied";
import { Fact, Facts, Json, Lines } from "../../ui/Facts";
import { RelativeTime } from "../../ui/RelativeTime";
import { scheduleWords } from "../form/schedule";

/** What a webhook gets, and how it is called. */
export function WebhookFacts({ webhook }: { webhook: Webhook }) {
  const { retryScheduleSeconds } = useSettings();
  const { rateLimit, headers } = webhook;
  return (
    <Card withBorder padding="lg">
      <Title order={2} size="h5" mb="md">
        Details
      </Title>
      <Facts>
        {webhook.url && (
          <Fact name="Address">
            <Copied text={webhook.url} what="the address" />
          </Fact>
        )}
        {webhook.description && <Fact name="Description">{webhook.description}</Fact>}
        <Fact name="ID">
          <Copied text={webhook.id} what="the ID" />
        </Fact>
        <Fact name="Events">
          {webhook.events.includes("*") ? "All, later ones too" : <Lines of={webhook.events} />}
        </Fact>
        <Fact name="Filter">{webhook.filter ? <Json value={webhook.filter} /> : "None"}</Fact>
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
      </Facts>
    </Card>
  );
}

function shown(value: string): string {
  return value === "[redacted]" ? "••••••" : value;
}
