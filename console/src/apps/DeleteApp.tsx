import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { OAuthClient } from "../api/schema";
import { ConfirmModal } from "../ui/ConfirmModal";

export function DeleteApp(props: { app: OAuthClient; onClose: () => void; onDeleted: () => void }) {
  const { app, onClose, onDeleted } = props;
  const api = useApi();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/oauth-clients/{id}", { params: { path: { id: app.id } } })),
    onSuccess: () => {
      onDeleted();
      void queries.invalidateQueries({ queryKey: [...queryKeys.apps, "list"] });
      void queries.invalidateQueries({ queryKey: queryKeys.grants });
      notifications.show({ message: `${app.name} is deleted.` });
    },
  });
  return (
    <ConfirmModal
      opened
      title={`Delete ${app.name}`}
      confirm="Delete app"
      typed={app.name}
      dangerous
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Text>
        All users are disconnected, and the app's tokens are refused on their next request. This can't be undone. To
        stop the app for a while, disable it instead.
      </Text>
    </ConfirmModal>
  );
}
