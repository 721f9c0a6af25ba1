import { Autocomplete, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { comparable } from "../format/names";
import classes from "./Members.module.css";
import { useUsers } from "./useUsers";

/** A user's id, with the members of the account as suggestions if the caller may read them. */
export function UserInput(props: {
  label: string;
  description?: ReactNode;
  placeholder?: string;
  value: string;
  onChange: (id: string) => void;
  /** The input is complete: a suggestion is chosen, Enter is pressed or the field is left. */
  onCommit?: (id: string) => void;
  error?: ReactNode;
  "data-path"?: string;
}) {
  const { onCommit, value, ...rest } = props;
  const { users, nameOf } = useUsers();
  return (
    <Autocomplete
      {...rest}
      value={value}
      data={users.map(({ userId }) => userId)}
      limit={20}
      filter={({ options, search, limit }) =>
        options
          .filter((option) => "value" in option && matches(`${option.value} ${nameOf(option.value)}`, search))
          .slice(0, limit)
      }
      renderOption={({ option: { value: id } }) => (
        <span className={classes.who}>
          {nameOf(id)}
          {nameOf(id) !== id && (
            <Text span size="xs" c="dimmed">
              {id}
            </Text>
          )}
        </span>
      )}
      onOptionSubmit={(id) => onCommit?.(id)}
      onBlur={() => onCommit?.(value.trim())}
      onKeyDown={(event) => event.key === "Enter" && onCommit?.(value.trim())}
      autoComplete="off"
      spellCheck={false}
      maxLength={255}
    />
  );
}

function matches(text: string, search: string): boolean {
  return comparable(text).includes(comparable(search.trim()));
}
