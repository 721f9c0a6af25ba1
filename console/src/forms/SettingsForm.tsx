import { Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactNode } from "react";
import classes from "./Form.module.css";
import { FormFooter } from "./FormFooter";
import { leadTo } from "./leadTo";
import { useRefusal } from "./useRefusal";

export interface SettingsFormProps<Values extends object> {
  form: UseFormReturnType<Values>;
  submit: string;
  pending: boolean;
  error: unknown;
  errorTitle: string;
  onSubmit: (values: Values) => void;
  onCancel: () => void;
}

/** The frame of a drawer's form: the fields, a note, and the footer. A refusal shows at the fields that it names. */
export function SettingsForm<Values extends object>(
  props: SettingsFormProps<Values> & {
    /** The errors by the names of the form's values. */
    refusedFields: (error: unknown) => Record<string, string>;
    note?: ReactNode;
    children: ReactNode;
  },
) {
  const { form, submit, pending, error, errorTitle, onSubmit, onCancel, refusedFields, note, children } = props;
  useRefusal(error, form, refusedFields);
  return (
    <form
      className={classes.form}
      onSubmit={form.onSubmit((values) => {
        if (!pending) onSubmit(values);
      }, leadTo)}
      noValidate
    >
      <Stack gap="lg">{children}</Stack>
      <FormFooter submit={submit} pending={pending} error={error} errorTitle={errorTitle} onCancel={onCancel}>
        {note}
      </FormFooter>
    </form>
  );
}
