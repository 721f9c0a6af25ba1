import { TextInput } from "@mantine/core";
import { SettingsForm, type SettingsFormProps } from "../../forms/SettingsForm";
import { AccessFields } from "./AccessFields";
import { ExpiryFields } from "./ExpiryFields";
import { LimitFields } from "./LimitFields";
import { MetadataFields } from "./MetadataFields";
import { OwnerFields } from "./OwnerFields";
import { refusedFields } from "./validation";
import type { KeyValues } from "./values";

/** All that is chosen about a key, for a new one and for one that is changed. */
export function KeyForm(
  props: SettingsFormProps<KeyValues> & {
    /** When the key expires already. */
    keeps?: string | null;
  },
) {
  const { keeps = null, ...frame } = props;
  const { form } = frame;
  return (
    <SettingsForm {...frame} refusedFields={refusedFields}>
      <TextInput
        label="Name"
        placeholder="Production warehouse"
        maxLength={255}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("name")}
      />
      <TextInput
        label="Description"
        description="What uses the key, and whom to ask about it."
        maxLength={1000}
        autoComplete="off"
        {...form.getInputProps("description")}
      />
      <OwnerFields form={form} />
      <AccessFields form={form} />
      <ExpiryFields form={form} keeps={keeps} />
      <LimitFields form={form} />
      <MetadataFields form={form} />
    </SettingsForm>
  );
}
