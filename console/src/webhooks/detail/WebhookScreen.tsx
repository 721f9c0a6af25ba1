import { Stack } from "@mantine/core";
import { WebhookDialogs } from "../changes/WebhookDialogs";
import { WebhookFrame } from "../deliveries/WebhookFrame";
import { Notices } from "./Notices";
import { Signing } from "./Signing";
import { Stats } from "./Stats";
import { WebhookActions } from "./WebhookActions";
import { WebhookFacts } from "./WebhookFacts";
import classes from "./WebhookScreen.module.css";

/** One webhook: what it is, how its deliveries go, and what can be done with it. */
export function WebhookScreen({ id }: { id: string }) {
  return (
    <>
      <WebhookFrame id={id} action={(webhook) => <WebhookActions webhook={webhook} />}>
        {(webhook) => (
          <>
            <Notices webhook={webhook} />
            <div className={classes.parts}>
              <Stats id={webhook.id} />
              <Stack gap="xl">
                <WebhookFacts webhook={webhook} />
                <Signing webhook={webhook} />
              </Stack>
            </div>
          </>
        )}
      </WebhookFrame>
      <WebhookDialogs />
    </>
  );
}
