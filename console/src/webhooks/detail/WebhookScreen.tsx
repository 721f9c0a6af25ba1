import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { Webhook } from "../../api/schema";
import { NotFound } from "../../app/NotFound";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageHeader } from "../../ui/PageHeader";
import { StatusBadge } from "../../ui/StatusBadge";
import { WebhookDialogs } from "../changes/WebhookDialogs";
import { isMissing, useWebhook } from "../data/useWebhooks";
import { nameOf, stateOf, stateTone, stateWord } from "../words";
import { BackToWebhooks } from "./BackToWebhooks";
import { Facts } from "./Facts";
import { Notices } from "./Notices";
import { Signing } from "./Signing";
import { Stats } from "./Stats";
import { WebhookActions } from "./WebhookActions";
import classes from "./WebhookScreen.module.css";

/** One webhook: what it is, how its deliveries go, and what can be done with it. */
export function WebhookScreen({ id }: { id: string }) {
  const { data, error, refetch } = useWebhook(id);
  if (isMissing(error)) return <NotFound />;
  return (
    <>
      <BackToWebhooks />
      {error && !data && (
        <ErrorNotice error={error} title="The webhook couldn't be loaded" retry={() => void refetch()} />
      )}
      {!error && !data && <Waiting />}
      {data && <Shown webhook={data} />}
      <WebhookDialogs />
    </>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const state = stateOf(webhook);
  return (
    <>
      <PageHeader
        title={nameOf(webhook)}
        about={
          <span className={classes.about}>
            <StatusBadge tone={stateTone(state)}>{stateWord(state)}</StatusBadge>
            {webhook.description && <span className={classes.description}>{webhook.description}</span>}
          </span>
        }
        action={<WebhookActions webhook={webhook} />}
      />
      <Notices webhook={webhook} />
      <div className={classes.parts}>
        <Stack gap="xl">
          <Stats id={webhook.id} />
        </Stack>
        <Stack gap="xl">
          <Facts webhook={webhook} />
          <Signing webhook={webhook} />
        </Stack>
      </div>
    </>
  );
}

function Waiting() {
  return (
    <Stack role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton height={28} width={320} maw="100%" />
      <Skeleton height={18} width={120} mb="xl" />
      <Skeleton height={320} />
    </Stack>
  );
}
