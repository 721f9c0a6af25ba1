import { Button, Checkbox, Group, Input, Pill, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSettings } from "../../app/SettingsContext";
import classes from "./KeyForm.module.css";
import { gives, groupsOf, others, readOnly, toggled, wildcardOver } from "./scopes";

/** Scopes by resource, and the three choices that most keys need. */
export function ScopePicker(props: { value: string[]; onChange: (scopes: string[]) => void; error?: ReactNode }) {
  const { value, onChange, error } = props;
  const { scopes: catalogue } = useSettings();
  const groups = groupsOf(catalogue);
  const rest = others(value, groups);
  const everything = value.includes("*");
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {summary(value)}
        </Text>
        <Group gap={4}>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange(readOnly(catalogue))}>
            Read only
          </Button>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange(["*"])}>
            All
          </Button>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange([])}>
            None
          </Button>
        </Group>
      </Group>
      <div className={classes.scopes}>
        {groups.map(({ resource, wildcard, scopes }) => (
          <fieldset key={resource} className={classes.resource} aria-label={resource}>
            <span className={classes.resourceName} aria-hidden>
              {resource}
            </span>
            {scopes.map(({ scope, action }) => (
              <Checkbox
                key={scope}
                label={action}
                checked={gives(value, scope)}
                disabled={wildcardOver(value, scope) !== undefined}
                onChange={() => onChange(toggled(value, scope))}
              />
            ))}
            {scopes.length > 1 && (
              <Checkbox
                className={classes.all ?? ""}
                label="all"
                checked={gives(value, wildcard)}
                disabled={everything}
                onChange={() => onChange(toggled(value, wildcard))}
              />
            )}
          </fieldset>
        ))}
      </div>
      {rest.length > 0 && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            Also
          </Text>
          {rest.map((scope) => (
            <Pill
              key={scope}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Remove ${scope}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => onChange(toggled(value, scope))}
            >
              {scope}
            </Pill>
          ))}
        </Group>
      )}
      {error && <Input.Error>{error}</Input.Error>}
    </Stack>
  );
}

function summary(scopes: string[]): string {
  if (scopes.includes("*")) return "Everything, also what comes later";
  if (scopes.length === 0) return "Nothing yet: it could be verified only";
  return `${scopes.length} ${scopes.length === 1 ? "scope" : "scopes"}`;
}
