import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { Webhook } from "../../api/schema";
import { formatNumber } from "../../format/numbers";
import { ConfirmModal } from "../../ui/ConfirmModal";
import { useAccountHref } from "../../url/AccountLink";
import { totalOf, useHealth } from "../data/useHealth";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { hostOf } from "../words";
import { type ChangeProps, OfWebhook } from "./OfWebhook";

export function DeleteWebhook({ id, onClose }: ChangeProps) {
  return (
    <OfWebhook id={id} title="Delete webhook" onClose={onClose}>
      {(webhook) => <Question webhook={webhook} onClose={onClose} />}
    </OfWebhook>
  );
}

function Question({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const hrefOf = useAccountHref();
  const [, navigate] = useLocation();
  const { data: health, isPending } = useHealth();
  const attempts = totalOf(health?.get(webhook.id)?.last24Hours ?? []).attempts;
  const asks = attempts > 0 || health === undefined; // what isn't known is taken for in use
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/webhooks/{id}", { params: { path: { id: webhook.id } } })),
    onSuccess: () => {
      notifications.show({ message: `${hostOf(webhook)} is deleted. Nothing more is sent to it.` });
      navigate(hrefOf("/webhooks"), { replace: true });
      kept.forget(webhook.id);
    },
  });
  return (
    <ConfirmModal
      opened
      title="Delete webhook"
      confirm="Delete webhook"
      dangerous
      {...(asks ? { typed: hostOf(webhook) } : {})}
      pending={remove.isPending || isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>
          Nothing more is sent to <b>{hostOf(webhook)}</b>, not even what waits for a retry. Its secret and its delivery
          history are gone. This can't be undone.
        </Text>
        {attempts > 0 && (
          <Text>
            It was sent {formatNumber(attempts)} {attempts === 1 ? "request" : "requests"} in the last 24 hours.
            Something may still depend on it.
          </Text>
        )}
      </Stack>
    </ConfirmModal>
  );
}
