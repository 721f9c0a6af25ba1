import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import type { Webhook } from "../../api/schema";
import { NotFound } from "../../app/NotFound";
import { BackLink } from "../../ui/BackLink";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageHeader } from "../../ui/PageHeader";
import { StatusBadge } from "../../ui/StatusBadge";
import { useReturnedFocus } from "../../ui/useReturnedFocus";
import { isMissing, useWebhook } from "../data/useWebhooks";
import { nameOf, stateOf, stateTone, stateWord } from "../words";
import { RecoverBanner } from "./recover/RecoverBanner";
import { RecoverDialog } from "./recover/RecoverDialog";
import { SendTest } from "./test/SendTest";
import { useDeliveryDialog } from "./useDeliveryDialog";
import { WebhookSections } from "./WebhookSections";

/** What stands around a section of a webhook: which webhook it is, and the dialogs about its deliveries. */
export function WebhookFrame(props: {
  id: string;
  action: (webhook: Webhook) => ReactNode;
  children: (webhook: Webhook) => ReactNode;
}) {
  const { id, action, children } = props;
  const { data, error, refetch } = useWebhook(id);
  if (isMissing(error)) return <NotFound />;
  return (
    <>
      <BackLink to="/webhooks">Webhooks</BackLink>
      {error && !data && (
        <ErrorNotice error={error} title="The webhook couldn't be loaded" retry={() => void refetch()} />
      )}
      {!error && !data && <Waiting />}
      {data && (
        <>
          <Header webhook={data} action={action(data)} />
          <RecoverBanner webhook={data} />
          <WebhookSections id={id} />
          {children(data)}
          <DeliveryDialogs webhook={data} />
        </>
      )}
    </>
  );
}

function Header({ webhook, action }: { webhook: Webhook; action: ReactNode }) {
  const state = stateOf(webhook);
  return (
    <PageHeader
      title={nameOf(webhook)}
      about={<StatusBadge tone={stateTone(state)}>{stateWord(state)}</StatusBadge>}
      action={action}
    />
  );
}

/** The dialogs that the address can name; any screen about a webhook can have them. */
export function DeliveryDialogs({ webhook }: { webhook: Webhook }) {
  const dialog = useDeliveryDialog();
  useReturnedFocus(dialog.word !== null);
  if (dialog.word === "test") return <SendTest webhook={webhook} onClose={dialog.close} />;
  if (dialog.word === "recover") return <RecoverDialog webhook={webhook} onClose={dialog.close} />;
  return null;
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
