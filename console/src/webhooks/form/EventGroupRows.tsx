import { Checkbox, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import IconChevronRight from "~icons/tabler/chevron-right";
import classes from "./EventPicker.module.css";
import { type EventGroup, wildcardOver } from "./eventGroups";

/** A word's events, below one choice for all of them. */
export function EventGroupRows(props: {
  group: EventGroup;
  chosen: readonly string[];
  isOpen: boolean;
  onToggle: (pattern: string) => void;
}) {
  const { group, chosen, isOpen, onToggle } = props;
  const { word, wildcard, events } = group;
  const [asked, setAsked] = useState<boolean | null>(null);
  const some = events.filter(({ name }) => chosen.includes(name)).length;
  const open = asked ?? (isOpen || some > 0);
  return (
    <fieldset className={classes.group} aria-label={word}>
      <div className={classes.head}>
        <Checkbox
          label={wildcard}
          aria-label={`${wildcard}, all of ${word}, later ones too`}
          checked={chosen.includes(wildcard)}
          indeterminate={some > 0 && !chosen.includes(wildcard)}
          onChange={() => onToggle(wildcard)}
          classNames={{ label: classes.name ?? "" }}
        />
        <UnstyledButton className={classes.fold ?? ""} aria-expanded={open} onClick={() => setAsked(!open)}>
          {events.length} {events.length === 1 ? "event" : "events"}
          <IconChevronRight size={14} />
        </UnstyledButton>
      </div>
      {open &&
        events.map(({ name, description }) => (
          <Checkbox
            key={name}
            className={classes.event ?? ""}
            label={name}
            description={description}
            checked={chosen.includes(name) || wildcardOver(chosen, name) !== undefined}
            disabled={wildcardOver(chosen, name) !== undefined}
            onChange={() => onToggle(name)}
            classNames={{ label: classes.name ?? "" }}
          />
        ))}
    </fieldset>
  );
}
