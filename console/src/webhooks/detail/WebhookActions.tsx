import { Button, Group } from "@mantine/core";
import type { Webhook } from "../../api/schema";
import { Allowed } from "../../session/Allowed";
import { useWebhookDialog } from "../changes/useWebhookDialog";
import { WebhookMenu } from "../changes/WebhookMenu";
import { useDeliveryDialog } from "../deliveries/useDeliveryDialog";

/** What is often done with a webhook stands open, the rest in a menu. */
export function WebhookActions({ webhook }: { webhook: Webhook }) {
  const dialog = useWebhookDialog();
  const deliveries = useDeliveryDialog();
  return (
    <Allowed to="webhooks:write">
      <Group gap="xs" wrap="nowrap">
        {webhook.url && (
          <Button variant="default" onClick={() => deliveries.open("test")}>
            Send test event
          </Button>
        )}
        <Button variant="default" onClick={() => dialog.open("edit", webhook.id)}>
          Edit
        </Button>
        <WebhookMenu webhook={webhook} only />
      </Group>
    </Allowed>
  );
}
