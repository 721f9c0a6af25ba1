import { Button } from "@mantine/core";
import { useDeliveryDialog } from "../useDeliveryDialog";
import { WebhookFrame } from "../WebhookFrame";
import { DeliveryHistory } from "./DeliveryHistory";

/** What was sent to a webhook, and what became of it. */
export function DeliveriesScreen({ id }: { id: string }) {
  const dialog = useDeliveryDialog();
  return (
    <WebhookFrame
      id={id}
      action={(webhook) => webhook.url && <Button onClick={() => dialog.open("test")}>Send test event</Button>}
    >
      {(webhook) => <DeliveryHistory webhook={webhook} />}
    </WebhookFrame>
  );
}
