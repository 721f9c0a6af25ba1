import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { FormDrawer } from "../../ui/FormDrawer";
import { ProfileForm } from "./ProfileForm";
import { bodyOf, NEW_PROFILE, type ProfileValues } from "./rules";
import { useChangedProfiles } from "./useChangedProfiles";
import { useProfileForm } from "./useProfileForm";

export function CreateProfile({ onClose }: { onClose: () => void }) {
  const api = useApi();
  const changed = useChangedProfiles();
  const form = useProfileForm(NEW_PROFILE);
  const create = useMutation({
    mutationFn: (values: ProfileValues) => answered(api.POST("/permission-profiles", { body: bodyOf(values) })),
    onSuccess: ({ name }) => {
      changed();
      notifications.show({ message: `${name} is created. Give it to keys where you create or edit them.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="New profile" isDirty={form.isDirty()} onClose={onClose}>
      <ProfileForm
        form={form}
        submit="Create profile"
        pending={create.isPending}
        error={create.error}
        errorTitle="The profile wasn't created"
        onSubmit={(values) => create.mutate(values)}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
