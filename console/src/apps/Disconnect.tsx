import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { OAuthGrant } from "../api/schema";
import { ConfirmModal } from "../ui/ConfirmModal";

/** Asks before the tokens of a user's app end. */
export function Disconnect({ grant, isOwn, onClose }: { grant: OAuthGrant; isOwn: boolean; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const { clientName, userId } = grant;
  const end = useMutation({
    mutationFn: () => answered(api.DELETE("/oauth-grants/{id}", { params: { path: { id: grant.id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.grants });
      notifications.show({ message: `${clientName} is disconnected.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title={`Disconnect ${clientName}`}
      confirm="Disconnect"
      dangerous
      pending={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    >
      <Text>
        The app's access {isOwn ? "to your account" : `for the user ${userId}`} ends on its next request. To use it
        again, {isOwn ? "connect" : "the user connects"} it again.
      </Text>
    </ConfirmModal>
  );
}
