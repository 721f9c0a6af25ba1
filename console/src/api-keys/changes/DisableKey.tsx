import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey } from "../../api/schema";
import { ConfirmModal } from "../../ui/ConfirmModal";
import { useKeptKeys } from "../data/useKeptKeys";
import { type ChangeProps, OfKey } from "./OfKey";

export function DisableKey({ id, onClose }: ChangeProps) {
  return (
    <OfKey id={id} title="Disable key" onClose={onClose}>
      {(key) => <Question apiKey={key} onClose={onClose} />}
    </OfKey>
  );
}

function Question({ apiKey: key, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptKeys();
  const disable = useMutation({
    mutationFn: () =>
      answered(api.PATCH("/api-keys/{id}", { params: { path: { id: key.id } }, body: { status: "disabled" } })),
    onSuccess: (changed) => {
      kept.keep(changed);
      notifications.show({ message: `${changed.name} is disabled: requests with it are refused.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title="Disable key"
      confirm="Disable key"
      pending={disable.isPending}
      error={disable.error}
      onConfirm={() => disable.mutate()}
      onClose={onClose}
    >
      <Text>
        Requests with <b>{key.name}</b> are refused from the next one on, until you enable it again.
      </Text>
    </ConfirmModal>
  );
}
