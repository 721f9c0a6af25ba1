import { Button } from "@mantine/core";
import { Allowed } from "../../../session/Allowed";
import { useDeliveryDialog } from "../useDeliveryDialog";
import { WebhookFrame } from "../WebhookFrame";
import { DeliveryHistory } from "./DeliveryHistory";

/** What was sent to a webhook, and what became of it. */
export function DeliveriesScreen({ id }: { id: string }) {
  const dialog = useDeliveryDialog();
  return (
    <WebhookFrame
      id={id}
      action={(webhook) =>
        webhook.url && (
          <Allowed to="webhooks:write">
            <Button onClick={() => dialog.open("test")}>Send test event</Button>
          </Allowed>
        )
      }
    >
      {(webhook) => <DeliveryHistory webhook={webhook} />}
    </WebhookFrame>
  );
}
