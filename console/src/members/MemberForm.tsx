import { NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useProfiles } from "../api-keys/data/useProfiles";
import { SettingsForm, type SettingsFormProps } from "../forms/SettingsForm";
import { ErrorNotice } from "../ui/ErrorNotice";
import { ClientAccounts } from "./ClientAccounts";
import type { MemberFields } from "./useMemberForm";
import { type MemberValues, refusedFields } from "./values";
import { ROLES } from "./words";

/** The settings of a new or an existing member. */
export function MemberForm(
  props: SettingsFormProps<MemberValues> & {
    isNew?: boolean;
    /** A note above the buttons. */
    children?: ReactNode;
  },
) {
  const { isNew = false, children, ...frame } = props;
  const { form } = frame;
  const { role } = form.values;
  const { value: _, ...userId } = form.getInputProps("userId");
  return (
    <SettingsForm {...frame} refusedFields={refusedFields} note={children}>
      <TextInput
        label="User ID"
        description="The user's ID at the identity provider: the claim sub, unless yours is configured differently."
        placeholder="auth0|64f0c2a1"
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        {...userId}
        value={form.values.userId}
        {...(isNew ? { "data-autofocus": true } : { readOnly: true, description: null, variant: "filled" })}
      />
      <Radio.Group label="Role" {...form.getInputProps("role")} data-path="role">
        <Stack gap="sm" my="xs">
          {ROLES.map(({ value, label, about }) => (
            <Radio key={value} value={value} label={label} description={about} />
          ))}
        </Stack>
      </Radio.Group>
      {role !== "none" && <ProfileField form={form} />}
      {role === "advisor" && !isNew && <ClientAccounts form={form} />}
      <TextInput label="Name" placeholder="Mira Okafor" maxLength={255} {...form.getInputProps("name")} />
      <TextInput
        label="Email"
        type="email"
        placeholder="mira@example.com"
        maxLength={320}
        {...form.getInputProps("email")}
      />
    </SettingsForm>
  );
}

function ProfileField({ form }: { form: MemberFields }) {
  const { profiles, error, retry } = useProfiles();
  if (error) return <ErrorNotice error={error} title="The profiles couldn't be loaded" retry={retry} />;
  const { profileId } = form.values;
  const isMissing = profileId !== "" && !profiles.some(({ id }) => id === profileId);
  return (
    <NativeSelect
      label="Permission profile"
      description="Adds the actions that it allows to the role, and takes away those that it denies."
      data={[
        { value: "", label: "No profile" },
        ...profiles.map(({ id, name }) => ({ value: id, label: name })),
        ...(isMissing ? [{ value: profileId, label: profileId }] : []),
      ]}
      {...form.getInputProps("profileId")}
    />
  );
}
