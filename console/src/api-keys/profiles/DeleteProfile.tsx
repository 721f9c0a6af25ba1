import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { PermissionProfile } from "../../api/schema";
import { ConfirmModal } from "../../ui/ConfirmModal";
import { OfProfile } from "./OfProfile";
import { isUsed, usersWords } from "./rules";
import { useChangedProfiles } from "./useChangedProfiles";

export function DeleteProfile({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <OfProfile id={id} title="Delete profile" onClose={onClose}>
      {(profile) => <Question profile={profile} onClose={onClose} />}
    </OfProfile>
  );
}

function Question({ profile, onClose }: { profile: PermissionProfile; onClose: () => void }) {
  const api = useApi();
  const changed = useChangedProfiles();
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/permission-profiles/{id}", { params: { path: { id: profile.id } } })),
    onSuccess: () => {
      changed();
      notifications.show({ message: `${profile.name} is deleted.` });
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title="Delete profile"
      confirm="Delete profile"
      dangerous
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>
          <b>{profile.name}</b> will be gone for good. This can't be undone.
        </Text>
        <Text>
          {isUsed(profile) ? `${usersWords(profile)} it. Give them another profile first.` : "Nothing uses it."}
        </Text>
      </Stack>
    </ConfirmModal>
  );
}
