import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey } from "../../api/schema";
import { ConfirmModal } from "../../ui/ConfirmModal";
import { RelativeTime } from "../../ui/RelativeTime";
import { useKeptKeys } from "../data/useKeptKeys";
import { type ChangeProps, OfKey } from "./OfKey";
import { isInUse } from "./rotation";

export function RevokeKey({ id, onClose }: ChangeProps) {
  return (
    <OfKey id={id} title="Revoke key" onClose={onClose}>
      {(key) => <Question apiKey={key} onClose={onClose} />}
    </OfKey>
  );
}

function Question({ apiKey: key, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptKeys();
  const inUse = isInUse(key, new Date());
  const revoke = useMutation({
    mutationFn: () => answered(api.DELETE("/api-keys/{id}", { params: { path: { id: key.id } } })),
    onSuccess: () => {
      void kept.askAgain();
      notifications.show({ message: `${key.name} is revoked: requests with it are refused.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title="Revoke key"
      confirm="Revoke key"
      dangerous
      {...(inUse ? { typed: key.name } : {})}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>
          Requests with <b>{key.name}</b> are refused from the next one on. This can't be undone.
        </Text>
        <Text>
          Last used: <RelativeTime time={key.lastUsedAt} never="never" />
          {inUse && ". Something may still depend on it."}
        </Text>
      </Stack>
    </ConfirmModal>
  );
}
