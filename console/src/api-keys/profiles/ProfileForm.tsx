import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import IconPlus from "~icons/tabler/plus";
import classes from "../../forms/Form.module.css";
import { FormFooter } from "../../forms/FormFooter";
import { leadTo } from "../../forms/leadTo";
import { useRefusal } from "../../forms/useRefusal";
import { Preview } from "./Preview";
import { RuleFields } from "./RuleFields";
import { type ProfileValues, refusedFields } from "./rules";
import type { ProfileFields } from "./useProfileForm";

const MOST_RULES = 20;

/** All that is chosen about a profile, and what that comes to. */
export function ProfileForm(props: {
  form: ProfileFields;
  submit: string;
  pending: boolean;
  error: unknown;
  errorTitle: string;
  /** The note about the keys and members that use the profile already. */
  note?: string;
  onSubmit: (values: ProfileValues) => void;
  onCancel: () => void;
}) {
  const { form, submit, pending, error, errorTitle, note, onSubmit, onCancel } = props;
  const { rules } = form.values;
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
          placeholder="Order readers"
          maxLength={255}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps("name")}
        />
        <TextInput
          label="Description"
          description="Which keys it is for."
          maxLength={1000}
          autoComplete="off"
          {...form.getInputProps("description")}
        />
        <Stack gap="sm">
          <Text size="sm" fw={600}>
            Rules
          </Text>
          {rules.map((_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place; the form keeps all values
            <RuleFields key={at} form={form} at={at} onRemove={() => form.removeListItem("rules", at)} />
          ))}
          <Group>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} />}
              disabled={rules.length >= MOST_RULES}
              onClick={() => form.insertListItem("rules", { effect: "allow", actions: [] })}
            >
              Add rule
            </Button>
          </Group>
        </Stack>
        <Preview rules={rules} />
      </Stack>
      <FormFooter submit={submit} pending={pending} error={error} errorTitle={errorTitle} onCancel={onCancel}>
        {note && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
      </FormFooter>
    </form>
  );
}
