import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { PermissionProfile, UpdateProfileBody } from "../../api/schema";
import { FormDrawer } from "../../ui/FormDrawer";
import { OfProfile } from "./OfProfile";
import { ProfileForm } from "./ProfileForm";
import { isUsed, patchOf, usersWords, valuesOf } from "./rules";
import { useChangedProfiles } from "./useChangedProfiles";
import { useProfileForm } from "./useProfileForm";

export function EditProfile({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <OfProfile id={id} title="Edit profile" onClose={onClose}>
      {(profile) => <Fields profile={profile} onClose={onClose} />}
    </OfProfile>
  );
}

/** Sends what was changed and nothing else. */
function Fields({ profile, onClose }: { profile: PermissionProfile; onClose: () => void }) {
  const api = useApi();
  const changed = useChangedProfiles();
  const [before] = useState(() => valuesOf(profile));
  const form = useProfileForm(before);
  const edit = useMutation({
    mutationFn: (body: UpdateProfileBody) =>
      answered(api.PATCH("/permission-profiles/{id}", { params: { path: { id: profile.id } }, body })),
    onSuccess: ({ name }) => {
      changed();
      notifications.show({ message: `${name} is changed, from the next request on.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="Edit profile" isDirty={form.isDirty()} onClose={onClose}>
      <ProfileForm
        form={form}
        {...(isUsed(profile) ? { note: `${usersWords(profile)} it. A change applies to the next request.` } : {})}
        submit="Save"
        pending={edit.isPending}
        error={edit.error}
        errorTitle="The profile wasn't changed"
        onSubmit={(values) => {
          const patch = patchOf(before, values);
          if (Object.keys(patch).length > 0) edit.mutate(patch);
          else onClose();
        }}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
