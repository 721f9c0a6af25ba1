import { Button, Checkbox, Group, Input, Pill, Skeleton, Stack, Text } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useScopes } from "../data/useScopes";
import classes from "./KeyForm.module.css";
import { gives, groupsOf, others, type Resource, readOnly, toggled, wildcardOver } from "./scopes";

interface Choice {
  value: string[];
  onChange: (scopes: string[]) => void;
}

/** The scopes of the catalogue under their headings, and the three choices that most keys need. */
export function ScopePicker(props: Choice & { error?: ReactNode }) {
  const { value, onChange, error } = props;
  const { scopes: catalogue, names, isPending, error: failure, retry } = useScopes();
  const groups = useMemo(() => groupsOf(catalogue), [catalogue]);
  const about = useMemo(() => new Map(catalogue.map(({ name, description }) => [name, description])), [catalogue]);
  const rest = isPending ? [] : others(value, groups);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {summary(value)}
        </Text>
        <Group gap={4}>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange(readOnly(names))}>
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
      {failure != null && <ErrorNotice error={failure} title="The scopes couldn't be loaded" retry={retry} />}
      {isPending && <Skeleton height={320} role="status" aria-label="Loading the scopes" />}
      {groups.length > 0 && (
        <div className={classes.scopes}>
          {groups.map(({ group, resources }) => (
            <div key={group} className={classes.scopeGroup}>
              <Text size="sm" fw={600}>
                {group}
              </Text>
              {resources.map((each) => (
                <Scopes key={each.resource} of={each} about={about} value={value} onChange={onChange} />
              ))}
            </div>
          ))}
        </div>
      )}
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

const ALL = "All of them, also those that are added later";

/** The checkboxes of a resource, the wildcard last. */
function Scopes(props: Choice & { of: Resource; about: ReadonlyMap<string, string | null> }) {
  const { of: resource, about, value, onChange } = props;
  const { wildcard, scopes } = resource;
  const hasWildcard = scopes.length !== 1 || about.has(wildcard);
  return (
    <fieldset className={classes.resource} aria-label={resource.resource}>
      {scopes.map(({ scope }) => (
        <Checkbox
          key={scope}
          label={scope}
          description={about.get(scope)}
          checked={gives(value, scope)}
          disabled={wildcardOver(value, scope) !== undefined}
          onChange={() => onChange(toggled(value, scope))}
        />
      ))}
      {hasWildcard && (
        <Checkbox
          className={classes.wildcard ?? ""}
          label={wildcard}
          description={about.get(wildcard) ?? ALL}
          checked={gives(value, wildcard)}
          disabled={value.includes("*")}
          onChange={() => onChange(toggled(value, wildcard))}
        />
      )}
    </fieldset>
  );
}

function summary(scopes: string[]): string {
  if (scopes.includes("*")) return "Everything, also what comes later";
  if (scopes.length === 0) return "Nothing yet: it could be verified only";
  return `${scopes.length} ${scopes.length === 1 ? "scope" : "scopes"}`;
}
