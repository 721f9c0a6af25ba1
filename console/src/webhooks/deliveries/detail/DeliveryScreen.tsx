import { Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useState } from "react";
import type { Delivery, Webhook } from "../../../api/schema";
import { NotFound } from "../../../app/NotFound";
import { Allowed } from "../../../session/Allowed";
import { BusyButton } from "../../../ui/BusyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PageHeader } from "../../../ui/PageHeader";
import { StatusBadge } from "../../../ui/StatusBadge";
import { useUrlParameter } from "../../../url/useUrlParameter";
import { isMissing, useWebhook } from "../../data/useWebhooks";
import { useDelivery } from "../data/useDelivery";
import { attemptTone, attemptWord } from "../words";
import { AttemptView } from "./AttemptView";
import { BackToHistory } from "./BackToHistory";
import classes from "./Delivery.module.css";
import { DeliveryFacts } from "./DeliveryFacts";
import { whyNoRetry } from "./nextWords";
import { Timeline } from "./Timeline";
import { useRetry } from "./useRetry";

/** One delivery: all attempts, and what was said in the one that is chosen. */
export function DeliveryScreen({ webhookId, id }: { webhookId: string; id: string }) {
  const [awaited, setAwaited] = useState<number | null>(null);
  const webhook = useWebhook(webhookId);
  const delivery = useDelivery(webhookId, id, awaited);
  const error = webhook.error ?? delivery.error;
  if (isMissing(error)) return <NotFound />;
  const isThere = webhook.data && delivery.data;
  const retry = () => {
    void webhook.refetch();
    void delivery.refetch();
  };
  return (
    <>
      <BackToHistory webhookId={webhookId} />
      {error && !isThere && <ErrorNotice error={error} title="The delivery couldn't be loaded" retry={retry} />}
      {!error && !isThere && <Waiting />}
      {isThere && <Shown webhook={webhook.data} delivery={delivery.data} awaited={awaited} onAwait={setAwaited} />}
    </>
  );
}

function Shown(props: {
  webhook: Webhook;
  delivery: Delivery;
  awaited: number | null;
  onAwait: (attempt: number) => void;
}) {
  const { webhook, delivery, awaited, onAwait } = props;
  const { attempts } = delivery;
  const newest = attempts[0]?.attempt ?? 1;
  const [asked, choose] = useUrlParameter("attempt");
  const [initial] = useState(newest); // what is read doesn't change because another attempt comes
  const wanted = Number(asked) || initial;
  const chosen = attempts.find(({ attempt }) => attempt === wanted) ?? attempts[0];
  const retry = useRetry(webhook.id, delivery.id, (attempt) => {
    onAwait(attempt);
    choose(String(attempt));
  });
  const reason = whyNoRetry(delivery, webhook);
  const isAwaiting = awaited !== null && awaited > newest;
  return (
    <>
      <PageHeader
        title={delivery.eventType}
        about={<StatusBadge tone={attemptTone(delivery.status)}>{attemptWord(delivery.status)}</StatusBadge>}
        action={
          <Allowed to="webhooks:write">
            <div className={classes.actions}>
              <BusyButton onClick={() => retry.mutate()} isBusy={retry.isPending || isAwaiting} isOff={reason !== null}>
                Retry now
              </BusyButton>
              {reason && (
                <Text size="sm" c="dimmed">
                  {reason}
                </Text>
              )}
            </div>
          </Allowed>
        }
      />
      {retry.error && (
        <div className={classes.notice}>
          <ErrorNotice error={retry.error} title="The delivery wasn't retried" />
        </div>
      )}
      <div className={classes.parts}>
        <Timeline
          delivery={delivery}
          webhook={webhook}
          chosen={chosen?.attempt ?? 0}
          awaited={awaited}
          onChoose={(attempt) => choose(String(attempt))}
        />
        {chosen && <AttemptView key={chosen.id} attempt={chosen} body={delivery.requestBody} webhook={webhook} />}
        <DeliveryFacts delivery={delivery} />
      </div>
    </>
  );
}

function Waiting() {
  return (
    <Stack role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton height={28} width={240} />
      <Skeleton height={18} width={120} mb="xl" />
      <div className={classes.parts}>
        <Skeleton height={240} />
        <Skeleton height={520} />
      </div>
    </Stack>
  );
}
