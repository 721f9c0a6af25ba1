import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import type { Member } from "../api/schema";
import { useMe } from "../session/useMe";
import { FormDrawer } from "../ui/FormDrawer";
import { MemberForm } from "./MemberForm";
import { OfMember } from "./OfMember";
import { useChangedMembers } from "./useChangedMembers";
import { useMemberForm } from "./useMemberForm";
import { bodyOf, losesClients, type MemberValues, valuesOf } from "./values";
import { clientsWords, nameOf } from "./words";

export function EditMember({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <OfMember id={id} title="Edit member" onClose={onClose}>
      {(member) => <Fields member={member} onClose={onClose} />}
    </OfMember>
  );
}

function Fields({ member, onClose }: { member: Member; onClose: () => void }) {
  const api = useApi();
  const changed = useChangedMembers();
  const isOperator = useMe().data?.isOperator ?? false;
  const [before] = useState(() => valuesOf(member));
  const form = useMemberForm(before);
  const edit = useMutation({
    mutationFn: (values: MemberValues) =>
      answered(
        api.PUT("/members/{userId}", {
          params: { path: { userId: member.userId } },
          body: bodyOf(before, values, isOperator),
        }),
      ),
    onSuccess: (saved) => {
      changed(saved.userId);
      notifications.show({ message: `${nameOf(saved)} is changed, from the next request on.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="Edit member" isDirty={form.isDirty()} onClose={onClose}>
      <MemberForm
        form={form}
        submit="Save"
        pending={edit.isPending}
        error={edit.error}
        errorTitle="The member wasn't changed"
        onSubmit={(values) => (form.isDirty() ? edit.mutate(values) : onClose())}
        onCancel={onClose}
      >
        {losesClients(before, form.values, isOperator) && (
          <Text size="sm" role="status">
            This removes the member's {clientsWords(form.values.clientAccountIds.length)}, and only the operator of the
            product can add them again.
          </Text>
        )}
      </MemberForm>
    </FormDrawer>
  );
}
