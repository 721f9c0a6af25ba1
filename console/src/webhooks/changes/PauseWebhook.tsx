import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { Webhook } from "../../api/schema";
import { ConfirmModal } from "../../ui/ConfirmModal";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { hostOf } from "../words";
import { type ChangeProps, OfWebhook } from "./OfWebhook";

export function PauseWebhook({ id, onClose }: ChangeProps) {
  return (
    <OfWebhook id={id} title="Pause webhook" onClose={onClose}>
      {(webhook) => <Question webhook={webhook} onClose={onClose} />}
    </OfWebhook>
  );
}

function Question({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const pause = useMutation({
    mutationFn: () =>
      answered(api.PATCH("/webhooks/{id}", { params: { path: { id: webhook.id } }, body: { status: "paused" } })),
    onSuccess: (changed) => {
      kept.keep(changed);
      notifications.show({ message: `${hostOf(changed)} is paused: its deliveries are held.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title="Pause webhook"
      confirm="Pause webhook"
      pending={pause.isPending}
      error={pause.error}
      onConfirm={() => pause.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>
          Nothing is sent to <b>{hostOf(webhook)}</b> until you resume it. Its deliveries are held, retries too, and go
          out then.
        </Text>
        <Text size="sm" c="dimmed">
          They are held as long as their events are kept; use it for a maintenance, not to turn a webhook off.
        </Text>
      </Stack>
    </ConfirmModal>
  );
}
