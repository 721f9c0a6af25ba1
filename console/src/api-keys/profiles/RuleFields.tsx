import { ActionIcon, Group, SegmentedControl, TagsInput, Text } from "@mantine/core";
import IconTrash from "~icons/tabler/trash";
import { useScopes } from "../data/useScopes";
import classes from "./Profiles.module.css";
import { choicesOf } from "./rules";
import type { ProfileFields } from "./useProfileForm";

const MOST_ACTIONS = 50;

/** One rule: whether it allows or denies, and what. Actions are chosen from the catalogue or typed. */
export function RuleFields({ form, at, onRemove }: { form: ProfileFields; at: number; onRemove: () => void }) {
  const { scopes, names } = useScopes();
  const path = `rules.${at}`;
  const number = at + 1;
  const input = form.getInputProps(`${path}.actions`);
  return (
    <fieldset className={classes.rule} aria-label={`Rule ${number}`}>
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label={`Effect of rule ${number}`}
          data={[
            { value: "allow", label: "Allow" },
            { value: "deny", label: "Deny" },
          ]}
          {...form.getInputProps(`${path}.effect`)}
        />
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove rule ${number}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
      <TagsInput
        aria-label={`Actions of rule ${number}`}
        placeholder={input.value.length === 0 ? "Choose or type: orders:*" : ""}
        data={choicesOf(names)}
        renderOption={({ option: { value } }) => (
          <span className={classes.action}>
            {value}
            <Text span size="xs" c="dimmed">
              {scopes.find(({ name }) => name === value)?.description}
            </Text>
          </span>
        )}
        maxTags={MOST_ACTIONS}
        acceptValueOnBlur
        splitChars={[",", " "]}
        {...input}
        onChange={(values) => input.onChange(values.map((value) => value.trim().toLowerCase()).filter(Boolean))}
      />
    </fieldset>
  );
}
