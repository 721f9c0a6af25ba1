import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { AccessFields } from "./AccessFields";
import { ExpiryFields } from "./ExpiryFields";
import classes from "./KeyForm.module.css";
import { LimitFields } from "./LimitFields";
import { MetadataFields } from "./MetadataFields";
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
  const { setErrors } = form;
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!error) return;
    const errors = refusedFields(error);
    setErrors(errors);
    if (!leadTo(errors)) notice.current?.scrollIntoView({ block: "nearest" });
  }, [error, setErrors]);
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
        <AccessFields form={form} />
        <ExpiryFields form={form} keeps={keeps} />
        <LimitFields form={form} />
        <MetadataFields form={form} />
      </Stack>
      {error != null && (
        <div ref={notice} className={classes.notice}>
          <ErrorNotice error={error} title={errorTitle} />
        </div>
      )}
      <Group justify="flex-end" className={classes.footer ?? ""}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={pending}>
          {submit}
        </Button>
      </Group>
    </form>
  );
}

/** To the first field that isn't right; false where none of them is. */
function leadTo(errors: Record<string, unknown>): boolean {
  const [first] = Object.keys(errors);
  const field = first ? document.querySelector<HTMLElement>(`[data-path="${first}"]`) : null;
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "center" });
  return field !== null;
}
