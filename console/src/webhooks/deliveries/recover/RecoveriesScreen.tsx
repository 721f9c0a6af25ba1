import { Button } from "@mantine/core";
import { Allowed } from "../../../session/Allowed";
import { useDeliveryDialog } from "../useDeliveryDialog";
import { WebhookFrame } from "../WebhookFrame";
import { Recoveries } from "./Recoveries";

/** What was, or is, sent to a webhook again. */
export function RecoveriesScreen({ id }: { id: string }) {
  const dialog = useDeliveryDialog();
  return (
    <WebhookFrame
      id={id}
      action={({ status }) =>
        status === "active" && (
          <Allowed to="webhooks:write">
            <Button onClick={() => dialog.open("recover")}>Recover deliveries</Button>
          </Allowed>
        )
      }
    >
      {(webhook) => <Recoveries webhook={webhook} />}
    </WebhookFrame>
  );
}
