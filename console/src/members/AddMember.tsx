import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { apiError } from "../api/problem";
import { FormDrawer } from "../ui/FormDrawer";
import { MemberForm } from "./MemberForm";
import { useChangedMembers } from "./useChangedMembers";
import { useMemberForm } from "./useMemberForm";
import { alreadyMember, bodyOf, type MemberValues, NEW_MEMBER } from "./values";
import { nameOf } from "./words";

export function AddMember({ onClose }: { onClose: () => void }) {
  const api = useApi();
  const changed = useChangedMembers();
  const form = useMemberForm(NEW_MEMBER);
  const add = useMutation({
    mutationFn: async (values: MemberValues) => {
      const params = { path: { userId: values.userId.trim() } };
      const { response, error } = await api.GET("/members/{userId}", { params });
      if (response.ok) throw alreadyMember();
      if (response.status !== 404) throw apiError(response, error);
      return answered(api.PUT("/members/{userId}", { params, body: bodyOf(NEW_MEMBER, values, false) }));
    },
    onSuccess: (member) => {
      changed(member.userId);
      notifications.show({ message: `${nameOf(member)} is a member from the next request on.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="Add member" isDirty={form.isDirty()} onClose={onClose}>
      <MemberForm
        form={form}
        isNew
        submit="Add member"
        pending={add.isPending}
        error={add.error}
        errorTitle="The member wasn't added"
        onSubmit={(values) => add.mutate(values)}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
