import { Stack, TextInput } from "@mantine/core";
import classes from "../../forms/Form.module.css";
import { FormFooter } from "../../forms/FormFooter";
import { leadTo } from "../../forms/leadTo";
import { useRefusal } from "../../forms/useRefusal";
import { AccessFields } from "./AccessFields";
import { ExpiryFields } from "./ExpiryFields";
import { LimitFields } from "./LimitFields";
import { MetadataFields } from "./MetadataFields";
import { OwnerFields } from "./OwnerFields";
import type { KeyFormFields } from "./useKeyForm";
import { refusedFields } from "./validation";
import type { KeyValues } from "./values";

/** All that is chosen about a key, for a new one and for one that is changed. */
export function KeyForm(props: {
  form: KeyFormFields;
  submit: string;
  pending: boolean;
  error: unknown;
  errorTitle: string;
  /** When the key expires already. */
  keeps?: string | null;
  onSubmit: (values: KeyValues) => void;
  onCancel: () => void;
}) {
  const { form, submit, pending, error, errorTitle, keeps = null, onSubmit, onCancel } = props;
  useRefusal(error, form, refusedFields);
  return (
    <form
      className={classes.form}
      onSubmit={form.onSubmit((values) => {
        if (!pending) onSubmit(values);
      }, leadTo)}
      noValidate
    >
      <Stack gap="lg">
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
      </Stack>
      <FormFooter submit={submit} pending={pending} error={error} errorTitle={errorTitle} onCancel={onCancel} />
    </form>
  );
}
