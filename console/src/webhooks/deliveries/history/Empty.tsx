import { Button } from "@mantine/core";
import IconCircleCheck from "~icons/tabler/circle-check";
import IconSend from "~icons/tabler/send";
import type { Webhook } from "../../../api/schema";
import { Allowed } from "../../../session/Allowed";
import { EmptyState } from "../../../ui/EmptyState";
import { useDeliveryDialog } from "../useDeliveryDialog";

/** Before the first delivery. */
export function NoAttempts({ webhook }: { webhook: Webhook }) {
  const dialog = useDeliveryDialog();
  return (
    <EmptyState
      icon={IconSend}
      title="Nothing was sent yet"
      action={
        webhook.url && (
          <Allowed to="webhooks:write">
            <Button variant="default" onClick={() => dialog.open("test")}>
              Send a test event
            </Button>
          </Allowed>
        )
      }
    >
      {webhook.url
        ? "What is delivered shows up here by itself. A test event tries the receiver now."
        : "The webhook has no address yet to send anything to."}
    </EmptyState>
  );
}

/** Among those that were looked at. */
export function NoFailures() {
  return (
    <EmptyState icon={IconCircleCheck} title="No failed attempt">
      None of the attempts that were looked through has failed.
    </EmptyState>
  );
}
