import { Alert, Button, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import IconAlertTriangle from "~icons/tabler/alert-triangle";
import IconPlayerPause from "~icons/tabler/player-pause";
import type { Webhook } from "../../api/schema";
import { Allowed } from "../../session/Allowed";
import { RelativeTime } from "../../ui/RelativeTime";
import { useActivate } from "../changes/useActivate";
import { useWebhookDialog } from "../changes/useWebhookDialog";
import { stateOf } from "../words";
import classes from "./Notices.module.css";

/** Why deliveries don't go as they should, and what can be done about it; nothing where they do. */
export function Notices({ webhook }: { webhook: Webhook }) {
  const state = stateOf(webhook);
  if (state === "active") return null;
  return (
    <div className={classes.notices}>
      {state === "incomplete" && <Incomplete webhook={webhook} />}
      {state === "paused" && <Paused webhook={webhook} />}
      {state === "failing" && <Failing webhook={webhook} />}
      {state === "disabled" && <Disabled webhook={webhook} />}
    </div>
  );
}

function Incomplete({ webhook }: { webhook: Webhook }) {
  const dialog = useWebhookDialog();
  return (
    <Notice title="It has no address yet" tone="waiting">
      <Text size="sm">Nothing is delivered until it has one.</Text>
      <Allowed to="webhooks:write">
        <Button size="xs" onClick={() => dialog.open("edit", webhook.id)}>
          Add the address
        </Button>
      </Allowed>
    </Notice>
  );
}

function Paused({ webhook }: { webhook: Webhook }) {
  const activate = useActivate();
  return (
    <Notice title="Paused" tone="waiting" icon={<IconPlayerPause />}>
      <Text size="sm">Deliveries are held. All of them go out when you resume it.</Text>
      <Allowed to="webhooks:write">
        <Button size="xs" loading={activate.isPending} onClick={() => activate.mutate(webhook)}>
          Resume
        </Button>
      </Allowed>
    </Notice>
  );
}

function Failing({ webhook }: { webhook: Webhook }) {
  return (
    <Notice title="Its receiver fails" tone="bad">
      <Text size="sm">
        No attempt has succeeded since <RelativeTime time={webhook.failingSince} />. Failed deliveries are tried again.
        After five days of nothing but failures the webhook is disabled.
      </Text>
    </Notice>
  );
}

function Disabled({ webhook }: { webhook: Webhook }) {
  const activate = useActivate();
  if (webhook.disabledReason === "manual")
    return (
      <Notice title="Disabled" tone="bad">
        <Text size="sm">
          Nothing is delivered. Deliveries are recorded as missed and can be recovered after the webhook is enabled.
        </Text>
        <Allowed to="webhooks:write">
          <Button size="xs" loading={activate.isPending} onClick={() => activate.mutate(webhook)}>
            Enable
          </Button>
        </Allowed>
      </Notice>
    );
  return (
    <Notice title="Disabled" tone="bad">
      <Text size="sm">
        {webhook.disabledReason === "gone" ? (
          "Its receiver answered 410 Gone, which says that nothing more should come."
        ) : (
          <>
            Every attempt has failed for five days
            {webhook.failingSince && (
              <>
                , the first one <RelativeTime time={webhook.failingSince} />
              </>
            )}
            .
          </>
        )}{" "}
        Nothing is delivered. Mend the receiver, then enable the webhook: what failed or was missed can be recovered
        after that.
      </Text>
      <Allowed to="webhooks:write">
        <Button size="xs" loading={activate.isPending} onClick={() => activate.mutate(webhook)}>
          Enable
        </Button>
      </Allowed>
    </Notice>
  );
}

function Notice(props: { title: string; tone: "waiting" | "bad"; icon?: ReactNode; children: ReactNode }) {
  const { title, tone, icon = <IconAlertTriangle />, children } = props;
  return (
    <Alert
      color={tone === "bad" ? "red" : "yellow"}
      variant="outline"
      icon={icon}
      title={title}
      classNames={{ title: classes.title ?? "" }}
    >
      <Stack gap="sm" align="flex-start">
        {children}
      </Stack>
    </Alert>
  );
}
