import { Stack, Switch, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import { FieldGroup } from "../../forms/FieldGroup";
import classes from "../../forms/Form.module.css";
import { FormFooter } from "../../forms/FormFooter";
import { EventFields } from "./EventFields";
import { FilterFields } from "./FilterFields";
import { HeaderFields } from "./HeaderFields";
import { RateFields } from "./RateFields";
import { ScheduleFields } from "./ScheduleFields";
import { SecretFields } from "./SecretFields";
import type { WebhookFormFields } from "./useWebhookForm";
import { refusedFields } from "./validation";
import type { WebhookValues } from "./values";

/** All that is chosen about a webhook, for a new one and for one that is changed. */
export function WebhookForm(props: {
  form: WebhookFormFields;
  isNew: boolean;
  submit: string;
  pending: boolean;
  error: unknown;
  errorTitle: string;
  onSubmit: (values: WebhookValues) => void;
  onCancel: () => void;
}) {
  const { form, isNew, submit, pending, error, errorTitle, onSubmit, onCancel } = props;
  const { setErrors, getValues } = form;
  const fields = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!error) return;
    setErrors(refusedFields(error, getValues()));
    leadToWrong(fields.current);
  }, [error, setErrors, getValues]);
  return (
    <form
      ref={fields}
      className={classes.form}
      onSubmit={form.onSubmit(
        (values) => {
          if (!pending) onSubmit(values);
        },
        () => leadToWrong(fields.current),
      )}
      noValidate
    >
      <Stack gap="lg">
        <TextInput
          label="Address"
          description="Events are POSTed there as JSON."
          placeholder="https://example.com/webhooks"
          type="url"
          inputMode="url"
          maxLength={2048}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps("url")}
        />
        <TextInput
          label="Description"
          description="What listens there, and whom to ask about it."
          maxLength={1000}
          autoComplete="off"
          {...form.getInputProps("description")}
        />
        <EventFields form={form} />
        {isNew && <SecretFields form={form} />}
        <FieldGroup legend="More" gap="md">
          <FilterFields form={form} />
          <HeaderFields form={form} />
          <RateFields form={form} />
          <ScheduleFields form={form} />
          <Switch
            label="Ed25519 signatures, too"
            description="Receivers verify by a public key, and need no secret. The key pair is made here."
            {...form.getInputProps("asymmetric", { type: "checkbox" })}
          />
        </FieldGroup>
      </Stack>
      <FormFooter submit={submit} pending={pending} error={error} errorTitle={errorTitle} onCancel={onCancel} />
    </form>
  );
}

/** Leads to the first field that isn't right, once it says so. */
function leadToWrong(form: HTMLFormElement | null): void {
  setTimeout(() => {
    const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus({ preventScroll: true });
    field?.scrollIntoView({ block: "center" }); // the footer would hide it
  });
}
