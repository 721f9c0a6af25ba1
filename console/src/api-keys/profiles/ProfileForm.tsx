import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import IconPlus from "~icons/tabler/plus";
import { SettingsForm, type SettingsFormProps } from "../../forms/SettingsForm";
import { Preview } from "./Preview";
import { RuleFields } from "./RuleFields";
import { type ProfileValues, refusedFields } from "./rules";

const MOST_RULES = 20;

/** All that is chosen about a profile, and what that comes to. */
export function ProfileForm(
  props: SettingsFormProps<ProfileValues> & {
    /** The note about the keys and members that use the profile already. */
    note?: string;
  },
) {
  const { note, ...frame } = props;
  const { form } = frame;
  const { rules } = form.values;
  const about = note && (
    <Text size="sm" c="dimmed">
      {note}
    </Text>
  );
  return (
    <SettingsForm {...frame} refusedFields={refusedFields} note={about}>
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
    </SettingsForm>
  );
}
