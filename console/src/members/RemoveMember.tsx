import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import type { Member } from "../api/schema";
import { useUserId } from "../session/useMe";
import { ConfirmModal } from "../ui/ConfirmModal";
import { OfMember } from "./OfMember";
import { useChangedMembers } from "./useChangedMembers";
import { clientsWords, nameOf } from "./words";

export function RemoveMember({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <OfMember id={id} title="Remove member" onClose={onClose}>
      {(member) => <Question member={member} onClose={onClose} />}
    </OfMember>
  );
}

function Question({ member, onClose }: { member: Member; onClose: () => void }) {
  const api = useApi();
  const changed = useChangedMembers();
  const isOwn = useUserId() === member.userId;
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/members/{userId}", { params: { path: { userId: member.userId } } })),
    onSuccess: () => {
      changed(member.userId);
      notifications.show({ message: `${nameOf(member)} is no longer a member.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title="Remove member"
      confirm="Remove member"
      dangerous
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>
          The role of <b>{nameOf(member)}</b> is deleted{isOwn && " (this is you)"}. From the next request on, the
          user's sign-in decides the rights, and it can give all of them.
        </Text>
        {member.clientAccountCount > 0 && (
          <Text>
            The {clientsWords(member.clientAccountCount)} are removed as well. Only the operator can add them.
          </Text>
        )}
        <Text>To refuse the user in any case, edit the member and choose “No access” instead.</Text>
      </Stack>
    </ConfirmModal>
  );
}
