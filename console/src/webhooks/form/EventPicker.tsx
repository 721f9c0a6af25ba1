import { Button, Group, Pill, Skeleton, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import IconPlus from "~icons/tabler/plus";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useEventTypes } from "../data/useEventTypes";
import { EventGroupRows } from "./EventGroupRows";
import classes from "./EventPicker.module.css";
import { EventSearch } from "./EventSearch";
import { groupsOf, isPattern, others, searched, toggled, wildcardOver } from "./eventGroups";

const FEW = 40; // so many stand open without being asked for

/** Events by their first word, to be searched; a name that nobody has registered can be typed. */
export function EventPicker({ value, onChange }: { value: string[]; onChange: (events: string[]) => void }) {
  const { types, isPending, error, retry } = useEventTypes();
  const [search, setSearch] = useState("");
  const groups = useMemo(() => groupsOf(types), [types]);
  const found = useMemo(() => searched(groups, search), [groups, search]);
  const count = found.reduce((sum, { events }) => sum + events.length, 0);
  const typed = search.trim();
  const isNew = isPattern(typed) && !value.includes(typed) && wildcardOver(value, typed) === undefined;
  const rest = others(value, groups);
  const add = () => {
    if (!isNew) return;
    onChange(toggled(value, typed));
    setSearch("");
  };
  return (
    <Stack gap="xs">
      <EventSearch value={search} onChange={setSearch} onEnter={add} />
      {error != null && <ErrorNotice error={error} title="The event types couldn't be loaded" retry={retry} />}
      <div className={classes.groups}>
        {isPending && <Skeleton height={200} m="sm" />}
        {!isPending &&
          found.map((group) => (
            <EventGroupRows
              key={group.word}
              group={group}
              chosen={value}
              isOpen={count <= FEW || search !== ""}
              onToggle={(pattern) => onChange(toggled(value, pattern))}
            />
          ))}
        {!isPending && found.length === 0 && (
          <Text size="sm" c="dimmed" p="sm">
            No event type fits.{" "}
            {isNew ? "You can add the name all the same." : "Names are like order.created or order.*."}
          </Text>
        )}
      </div>
      {isNew && !groups.some(({ events }) => events.some(({ name }) => name === typed)) && (
        <Button
          variant="default"
          size="xs"
          className={classes.add ?? ""}
          leftSection={<IconPlus size={14} />}
          onClick={add}
        >
          Add {typed}
        </Button>
      )}
      {rest.length > 0 && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            Also
          </Text>
          {rest.map((name) => (
            <Pill
              key={name}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Remove ${name}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => onChange(toggled(value, name))}
            >
              {name}
            </Pill>
          ))}
        </Group>
      )}
      <Text size="sm" c="dimmed" role="status">
        {summary(value)}
      </Text>
    </Stack>
  );
}

function summary(value: readonly string[]): string {
  if (value.length === 0) return "Nothing chosen yet";
  const wildcards = value.filter((each) => each.endsWith(".*")).length;
  const words = [];
  if (value.length > wildcards)
    words.push(`${value.length - wildcards} ${value.length - wildcards === 1 ? "event" : "events"}`);
  if (wildcards > 0) words.push(`${wildcards} whole ${wildcards === 1 ? "group" : "groups"}`);
  return `${words.join(" and ")} chosen`;
}
